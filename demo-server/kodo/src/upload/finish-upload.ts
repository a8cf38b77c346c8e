import { randomUUID } from 'node:crypto';
import type { StoredFile } from '../store/blob-store.js';
import { returnLocation, type CallbackFault, type CallbackSettings } from '../callback/callback.js';
import { openContent } from '../media/content.js';
import { contentVariables } from '../media/content-variables.js';
import { readJson } from '../text/json-text.js';
import { textOfStatus } from '../kodo-error.js';
import { mimeTypeOf, sniff } from '../media/mime.js';
import type { BucketStore } from '../store/bucket-store.js';
import type { KodoObject, ObjectStore } from '../store/object-store.js';
import { midnightAfter } from '../text/china-time.js';
import type { JobFault } from '../jobs/job-state.js';
import type { PersistentJobs } from '../jobs/persistent-jobs.js';
import { checkFinalKey, checkMime, checkSize, isInsert, type PutPolicy } from '../policy/put-policy.js';
import { askForKey, tellOfObject, type CallbackContext } from '../callback/upload-callback.js';
import { namingVariables, variablesOf, type UploadFacts } from './upload-variables.js';
import { goJson, substitute } from '../text/variables.js';

/** A completely received upload, with the client's metadata. */
export interface ReceivedUpload {
  readonly policy: PutPolicy;
  /** The client's key, if any. */
  readonly key: string | undefined;
  readonly fname: string | undefined;
  /** The client's content type, if any. */
  readonly clientType: string | undefined;
  /** `x:…` names and values. */
  readonly customVars: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Headers of the object's downloads. */
  readonly headers: Readonly<Record<string, string>>;
  /** Qiniu's hash of the content. */
  readonly hash: string;
  /** Lower-case hex; only for single-request uploads. */
  readonly md5?: string;
  /** Size of each part in bytes, for an upload in parts. */
  readonly parts?: readonly number[];
  /** The files that contain the data, in order. */
  readonly files: readonly StoredFile[];
  /** Whether to reject an existing key; defaults to the policy's setting. */
  readonly insert?: boolean;
  readonly reqid: string;
  readonly callbackFault: CallbackFault | undefined;
  /** Fault that determines the outcome of the upload's persistent job, if any. */
  readonly job: JobFault | undefined;
}

/** A response without the common headers. */
export interface UploadAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the data now belongs to an object; if not, the caller may delete it. */
  readonly isStored: boolean;
}

export interface FinishSettings {
  readonly store: ObjectStore;
  readonly buckets: BucketStore;
  readonly jobs: PersistentJobs;
  readonly callback: CallbackSettings;
  /** Clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly onWarning: (text: string) => void;
}

/**
 * The last step of all upload methods: determines the key, checks the policy's limits, stores the object, and responds
 * by callback, `returnUrl`, `returnBody` or default. After the object is stored, errors become responses too.
 *
 * @throws {KodoError} 400, 403, 413, 414 or 614; the object is then not stored
 */
export async function finishUpload(upload: ReceivedUpload, settings: FinishSettings): Promise<UploadAnswer> {
  const { policy } = upload;
  const facts = await examine(upload, settings);
  const { reqid, callbackFault: fault } = upload;
  const context: CallbackContext = { policy, facts, reqid, fault, onWarning: settings.onWarning };
  const asked = policy.callbackFetchKey ? await askForKey(context, settings.callback) : undefined;
  if (asked?.ok === false) return { status: 579, body: asked.body, isStored: false };
  const key = asked?.key ?? nameObject(upload, facts);
  checkFinalKey(policy, key);
  const object: KodoObject = {
    bucket: policy.bucket,
    key,
    hash: facts.hash,
    fsize: facts.fsize,
    md5: upload.md5,
    mimeType: facts.mimeType,
    putTime: facts.now,
    endUser: policy.endUser,
    metadata: upload.metadata,
    headers: upload.headers,
    fileType: policy.fileType,
    expireAt: policy.deleteAfterDays === undefined ? undefined : midnightAfter(facts.now, policy.deleteAfterDays),
    parts: upload.parts,
    files: upload.files.map(({ file, size }) => ({ file, size })),
  };
  await settings.store.put(object, upload.insert ?? isInsert(policy));
  try {
    orderJob(upload, facts, object, settings.jobs);
    if (asked !== undefined) return { status: 200, body: asked.payload, isStored: true };
    const told = await tellOfObject(context, object, settings.callback);
    return { ...(told ?? reply(upload, facts, object, settings)), isStored: true };
  } catch (error) {
    settings.onWarning(`an upload failed after it was stored: ${String(error)}`);
    return { status: 599, body: goJson({ error: textOfStatus(599) }), isStored: true };
  }
}

/** Inspects the content and checks it against the policy's limits. */
async function examine(upload: ReceivedUpload, settings: FinishSettings): Promise<UploadFacts> {
  const { store, buckets, jobs, now, onWarning } = settings;
  const { policy, hash, fname, customVars } = upload;
  const content = await openContent(store.blobs, upload.files);
  const { size: fsize } = content;
  checkSize(policy, fsize);
  const { clientType, key } = upload;
  const mimeType = await mimeTypeOf({ detectMime: policy.detectMime, clientType, fname, key, ...content });
  checkMime(policy, (await sniff(content)) ?? 'application/octet-stream');
  const templates = [policy.returnBody, policy.callbackBody, policy.persistentOps, ...policy.callbackUrls];
  const hasJob = (policy.persistentOps ?? policy.persistentWorkflow) !== undefined;
  return {
    bucket: policy.bucket,
    hash,
    fsize,
    mimeType,
    fname,
    customVars,
    endUser: policy.endUser,
    content: await contentVariables(templates, content, onWarning),
    persistentId: hasJob ? jobs.idFor(buckets.require(policy.bucket).region) : undefined,
    uuid: randomUUID(),
    now: now(),
  };
}

/** Determines the key: `forceSaveKey`, the client's key, `saveKey` or the hash, in this order. */
export function nameObject({ policy, key }: Pick<ReceivedUpload, 'policy' | 'key'>, facts: UploadFacts): string {
  const { saveKey, forceSaveKey } = policy;
  const named = saveKey === undefined ? undefined : substitute(saveKey, 'text', namingVariables(facts));
  return (forceSaveKey ? named : (key ?? named)) ?? facts.hash;
}

/** Starts the asynchronous processing that the policy specifies. */
function orderJob(upload: ReceivedUpload, facts: UploadFacts, { bucket, key }: KodoObject, jobs: PersistentJobs): void {
  const { policy, reqid, job: fault } = upload;
  const { persistentOps, persistentWorkflow: workflow, persistentType: type } = policy;
  const { persistentPipeline: pipeline, persistentNotifyUrl: notifyUrl } = policy;
  if (facts.persistentId === undefined) return;
  const ops = persistentOps === undefined ? undefined : substitute(persistentOps, 'text', variablesOf(facts, { key }));
  const commands = ops?.split(';') ?? [];
  const details = { bucket, key, commands, workflow, type, pipeline, notifyUrl, force: true, reqid, fault };
  jobs.add(facts.persistentId, details);
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
  if (readJson(body) === undefined) onWarning(`returnBody is not valid JSON after substitution: ${body.slice(0, 200)}`);
  return { status: 200, body };
}
