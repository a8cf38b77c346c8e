import type { Logger } from 'pino';
import { HttpError } from './http-error.js';
import { isStored, type ObjectFacts, type Store, type StoredUpload } from './store.js';

/**
 * Writes what Kodo holds of an upload into its record, once.
 *
 * @throws {HttpError} 404 for an unknown id, 409 for another object than the record's
 */
export async function recordUpload(
  store: Store,
  id: string,
  bucket: string,
  facts: ObjectFacts,
  logger: Logger,
): Promise<StoredUpload> {
  const record = await store.find(id);
  if (record === undefined) throw new HttpError(404, 'upload-unknown', 'There is no upload of that id.');
  const conflict = (): HttpError => {
    logger.warn({ uploadId: id, key: facts.key, hash: facts.hash }, 'callback contradicts its upload');
    return new HttpError(409, 'upload-conflict', 'The callback does not match its upload.');
  };
  if (record.bucket !== bucket || (record.key !== null && record.key !== facts.key)) throw conflict();
  const upload = isStored(record) ? record : await store.complete(id, facts);
  if (upload === undefined || upload.hash !== facts.hash || upload.key !== facts.key) throw conflict();
  return upload;
}
