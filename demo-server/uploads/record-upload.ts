import { HttpError } from '../web/http-error.js';
import { isKeyOf } from '../qiniu/object-key.js';
import { isTypeAllowed } from '../qiniu/object-type.js';
import type { Services } from '../services.js';
import { isStored, type ObjectFacts, type Store, type StoredUpload, type UploadRecord } from './store.js';

/** Why an object is not kept: its owner has deleted it, or its type is one that browsers run. */
const UNWANTED = { deleted: 'upload-deleted', type: 'type-forbidden' } as const;

/** Whether this refusal means that the object is to be removed from the bucket. */
export function isUnwanted(error: unknown): boolean {
  return error instanceof HttpError && Object.values<string>(UNWANTED).includes(error.code);
}

/**
 * Writes what Kodo holds of an upload into its record, once.
 *
 * @throws {HttpError} 404 for an unknown id, 409 for another object, bucket or user than the record's; 410 when it was
 *   deleted meanwhile, and 403 for a type that browsers run: see `isUnwanted()`
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
    logger.warn({ uploadId: id, key: facts.key, hash: facts.hash }, 'callback contradicts its upload');
    return new HttpError(409, 'upload-conflict', 'The callback does not match its upload.');
  };
  const isOwners = record.bucket === owner.bucket && record.end_user === owner.endUser;
  if (!isOwners || !isNameOf(record, facts.key)) throw conflict();
  if (record.status === 'deleted') throw new HttpError(410, UNWANTED.deleted, 'This upload was deleted.');
  if (!isStored(record) && !isTypeAllowed(facts.type, settings.allowedTypes)) {
    await store.markDeleted(id);
    logger.warn({ uploadId: id, type: facts.type }, 'an object that browsers would run is removed');
    throw new HttpError(403, UNWANTED.type, `Files of the type ${facts.type} are not taken: browsers would run them.`);
  }
  const upload = isStored(record) ? record : await store.complete(id, facts);
  if (upload === undefined || upload.hash !== facts.hash || upload.key !== facts.key) throw conflict();
  return upload;
}

/** Whether the upload's object can have this key. */
function isNameOf({ key: ours, save_key: saveKey }: UploadRecord, key: string): boolean {
  if (ours !== null) return ours === key;
  return saveKey === null || isKeyOf(saveKey, key);
}

export function ownerOf({ bucket, end_user }: UploadRecord): { readonly bucket: string; readonly endUser: string } {
  return { bucket, endUser: end_user };
}

/**
 * The user's own upload of that id.
 *
 * @throws {HttpError} 404 also for another's, so that who guesses an id learns nothing, and for a deleted one
 */
export async function findOwn(store: Store, id: string, endUser: string): Promise<UploadRecord> {
  const upload = await store.find(id);
  if (upload?.end_user === endUser && upload.status !== 'deleted') return upload;
  throw new HttpError(404, 'upload-unknown', 'There is no upload with that id. Ask without an id for a new one.');
}
