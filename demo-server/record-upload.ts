import type { Logger } from 'pino';
import type { ObjectStat } from './bucket.js';
import { HttpError } from './http-error.js';
import {
  isStored,
  type ObjectFacts,
  type Store,
  type StoredUpload,
  type TellingWay,
  type UploadRecord,
} from './store.js';

/**
 * Writes what Kodo holds of an upload into its record, once.
 *
 * @throws {HttpError} 404 for an unknown id, 409 for another object, bucket or user than the record's
 */
export async function recordUpload(
  store: Store,
  id: string,
  owner: { readonly bucket: string; readonly endUser: string },
  facts: ObjectFacts,
  logger: Logger,
): Promise<StoredUpload> {
  const record = await store.find(id);
  if (record === undefined) throw new HttpError(404, 'upload-unknown', 'There is no upload of that id.');
  const conflict = (): HttpError => {
    logger.warn({ uploadId: id, key: facts.key, hash: facts.hash }, 'callback contradicts its upload');
    return new HttpError(409, 'upload-conflict', 'The callback does not match its upload.');
  };
  const isOwners = record.bucket === owner.bucket && record.end_user === owner.endUser;
  if (!isOwners || (record.key !== null && record.key !== facts.key)) throw conflict();
  const upload = isStored(record) ? record : await store.complete(id, facts);
  if (upload === undefined || upload.hash !== facts.hash || upload.key !== facts.key) throw conflict();
  return upload;
}

/** What Kodo's `stat` tells; pixels it does not know. */
export function factsOf(key: string, { hash, fsize, mimeType }: ObjectStat, toldBy: TellingWay): ObjectFacts {
  return { key, hash, size: fsize, type: mimeType, width: null, height: null, toldBy, reqid: null };
}

export function ownerOf({ bucket, end_user }: UploadRecord): { readonly bucket: string; readonly endUser: string } {
  return { bucket, endUser: end_user };
}

/**
 * The user's own upload of that id.
 *
 * @throws {HttpError} 404 also for another's: who guesses an id learns nothing
 */
export async function findOwn(store: Store, id: string, endUser: string): Promise<UploadRecord> {
  const upload = await store.find(id);
  if (upload?.end_user === endUser) return upload;
  throw new HttpError(404, 'upload-unknown', 'There is no upload of that id. Ask without an id for a new one.');
}
