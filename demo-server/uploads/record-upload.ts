import { HttpError } from '../web/http-error.js';
import { isKeyOf } from '../qiniu/object-key.js';
import { isTypeAllowed } from '../qiniu/object-type.js';
import type { Services } from '../services.js';
import { isStored, type ObjectFacts, type Store, type StoredUpload, type UploadRecord } from './store.js';

/** Error codes for objects that are not kept: the owner has deleted the upload, or browsers execute the type. */
const DISCARD_CODES = { deleted: 'upload-deleted', type: 'type-forbidden' } as const;

/** Whether this error means that the object must be removed from the bucket. */
export function mustDiscard(error: unknown): boolean {
  return error instanceof HttpError && Object.values<string>(DISCARD_CODES).includes(error.code);
}

/**
 * Writes an object's metadata to the record of its upload, once.
 *
 * @throws {HttpError} 404 for an unknown id, 409 if object, bucket or user differ from the record, 410 if the upload
 *   has been deleted, and 403 for a type that browsers execute; see `mustDiscard()` for the last two
 */
export async function recordUpload(
  { store, settings, logger }: Pick<Services, 'store' | 'settings' | 'logger'>,
  id: string,
  owner: { readonly bucket: string; readonly endUser: string },
  facts: ObjectFacts,
): Promise<StoredUpload> {
  const record = await store.find(id);
  if (record === undefined) throw new HttpError(404, 'upload-unknown', 'There is no upload with that id.');
  const conflict = (): HttpError => {
    logger.warn({ uploadId: id, key: facts.key, hash: facts.hash }, 'callback does not match its upload');
    return new HttpError(409, 'upload-conflict', 'The callback does not match its upload.');
  };
  const isSameOwner = record.bucket === owner.bucket && record.end_user === owner.endUser;
  if (!isSameOwner || !canHaveKey(record, facts.key)) throw conflict();
  if (record.status === 'deleted') throw new HttpError(410, DISCARD_CODES.deleted, 'This upload was deleted.');
  if (!isStored(record) && !isTypeAllowed(facts.type, settings.allowedTypes)) {
    await store.markDeleted(id);
    logger.warn({ uploadId: id, type: facts.type }, 'removing an object of a type that browsers execute');
    throw new HttpError(
      403,
      DISCARD_CODES.type,
      `Files of type ${facts.type} are not allowed because browsers execute them.`,
    );
  }
  const upload = isStored(record) ? record : await store.complete(id, facts);
  if (upload === undefined || upload.hash !== facts.hash || upload.key !== facts.key) throw conflict();
  return upload;
}

/** Whether the upload's object can have this key. */
function canHaveKey({ key: ours, save_key: saveKey }: UploadRecord, key: string): boolean {
  if (ours !== null) return ours === key;
  return saveKey === null || isKeyOf(saveKey, key);
}

/** Returns the bucket and the user of an upload. */
export function ownerOf({ bucket, end_user }: UploadRecord): { readonly bucket: string; readonly endUser: string } {
  return { bucket, endUser: end_user };
}

/**
 * Returns the user's upload with this id.
 *
 * @throws {HttpError} 404 if it does not exist, is deleted, or belongs to another user, so that guessing ids reveals
 *   nothing
 */
export async function findOwn(store: Store, id: string, endUser: string): Promise<UploadRecord> {
  const upload = await store.find(id);
  if (upload?.end_user === endUser && upload.status !== 'deleted') return upload;
  throw new HttpError(404, 'upload-unknown', 'There is no upload with that id. Request a new token without an id.');
}
