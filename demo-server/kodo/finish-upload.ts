import { randomUUID } from 'node:crypto';
import type { StoredFile } from './blob-store.js';
import { returnLocation, type CallbackFault, type CallbackSettings } from './callback.js';
import { imageInfoOf, IMAGE_HEAD } from './image-info.js';
import { mimeTypeOf, sniff } from './mime.js';
import type { KodoObject, ObjectStore } from './object-store.js';
import type { PersistentJobs } from './persistent-jobs.js';
import { checkFinalKey, checkMime, checkSize, isInsert, type PutPolicy } from './put-policy.js';
import { askForKey, tellOfObject, type CallbackContext } from './upload-callback.js';
import { variablesOf, type UploadFacts } from './upload-variables.js';
import { goJson, substitute } from './variables.js';

/** All bytes of an upload, with what the client said of them. */
export interface ReceivedUpload {
  readonly policy: PutPolicy;
  /** The key the client sent, if any. */
  readonly key: string | undefined;
  readonly fname: string | undefined;
  /** The type the client stated, if any. */
  readonly clientType: string | undefined;
  /** `x:…` names and values. */
  readonly customVars: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Headers for the object's downloads. */
  readonly headers: Readonly<Record<string, string>>;
  /** Qiniu's hash of the whole. */
  readonly hash: string;
  /** The files with the bytes, in order. */
  readonly files: readonly StoredFile[];
  /** Whether an existing key is refused; by default the policy says so. */
  readonly insert?: boolean;
  readonly reqid: string;
  readonly callbackFault: CallbackFault | undefined;
}

/** An answer, before the common headers. */
export interface UploadAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the bytes now belong to an object; otherwise the caller may remove them. */
  readonly isStored: boolean;
}

export interface FinishSettings {
  readonly store: ObjectStore;
  readonly jobs: PersistentJobs;
  readonly callback: CallbackSettings;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  readonly onWarning: (text: string) => void;
}

/**
 * The end that all ways to upload share: name the object, hold the policy's limits, store it, and answer by
 * callback, by `returnUrl`, by `returnBody` or by default.
 *
 * @throws {KodoError} 400, 403, 413, 414 or 614; the bytes are then not stored
 */
export async function finishUpload(upload: ReceivedUpload, settings: FinishSettings): Promise<UploadAnswer> {
  const { policy } = upload;
  const facts = await examine(upload, settings);
  const context: CallbackContext = { policy, facts, reqid: upload.reqid, fault: upload.callbackFault };
  const asked = policy.callbackFetchKey ? await askForKey(context, settings.callback) : undefined;
  if (asked?.ok === false) return { status: 579, body: asked.body, isStored: false };
  const key = asked?.key ?? nameObject(upload, facts);
  checkFinalKey(policy, key);
  const object: KodoObject = {
    bucket: policy.bucket,
    key,
    hash: facts.hash,
    fsize: facts.fsize,
    mimeType: facts.mimeType,
    putTime: facts.now,
    endUser: policy.endUser,
    metadata: upload.metadata,
    headers: upload.headers,
    fileType: policy.fileType,
    expireAt: policy.deleteAfterDays === undefined ? undefined : midnightAfter(facts.now, policy.deleteAfterDays),
    files: upload.files.map(({ file, size }) => ({ file, size })),
  };
  await settings.store.put(object, upload.insert ?? isInsert(policy));
  settings.jobs.add(facts.persistentId, policy, object);
  if (asked !== undefined) return { status: 200, body: asked.payload, isStored: true };
  const told = await tellOfObject(context, object, settings.callback);
  if (told !== undefined) return { ...told, isStored: true };
  return { ...reply(upload, facts, object, settings), isStored: true };
}

/** Finds out what the bytes are, and holds the policy's limits against it. */
async function examine(upload: ReceivedUpload, { store, jobs, now }: FinishSettings): Promise<UploadFacts> {
  const { policy, hash, fname, customVars } = upload;
  const fsize = upload.files.reduce((sum, { size }) => sum + size, 0);
  checkSize(policy, fsize);
  const head = await store.blobs.head(upload.files, IMAGE_HEAD);
  const { clientType, key } = upload;
  const mimeType = await mimeTypeOf({ detectMime: policy.detectMime, clientType, fname, key, head });
  checkMime(policy, (await sniff(head)) ?? mimeType);
  const { region = 'z0' } = store.bucket(policy.bucket);
  return {
    bucket: policy.bucket,
    hash,
    fsize,
    mimeType,
    fname,
    customVars,
    endUser: policy.endUser,
    imageInfo: imageInfoOf(head, fsize),
    persistentId: jobs.idFor(policy, region),
    uuid: randomUUID(),
    now: now(),
  };
}

/** The order in which a name is looked for: `forceSaveKey`, the client's key, `saveKey`, the hash. */
function nameObject({ policy, key }: ReceivedUpload, facts: UploadFacts): string {
  const { saveKey, forceSaveKey } = policy;
  const named = saveKey === undefined ? undefined : substitute(saveKey, 'text', variablesOf(facts));
  return (forceSaveKey ? named : (key ?? named)) ?? facts.hash;
}

function reply(
  upload: ReceivedUpload,
  facts: UploadFacts,
  { hash, key }: KodoObject,
  { onWarning }: FinishSettings,
): Omit<UploadAnswer, 'isStored'> {
  const { policy, customVars } = upload;
  const { persistentId } = facts;
  const sorted = Object.fromEntries(Object.entries(customVars).sort(([a], [b]) => (a < b ? -1 : 1)));
  const body =
    policy.returnBody === undefined
      ? goJson({ hash, key, ...(persistentId === undefined ? {} : { persistentId }), ...sorted })
      : substitute(policy.returnBody, 'json', variablesOf(facts, { key }));
  if (policy.returnUrl !== undefined) {
    return { status: 303, body: '', headers: { location: returnLocation(policy.returnUrl, body) } };
  }
  if (!isJson(body)) onWarning(`returnBody does not yield JSON: ${body.slice(0, 200)}`);
  return { status: 200, body };
}

/** The first midnight in China at or after so many days, in milliseconds since 1970. */
function midnightAfter(now: number, days: number): number {
  const [day, offset] = [86_400_000, 8 * 3_600_000];
  return Math.ceil((now + offset + days * day) / day) * day - offset;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
