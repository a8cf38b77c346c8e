import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { callbackFailureBody, deliverCallback, returnLocation, type CallbackSettings } from './callback.js';
import { etagOfParts, type HashedPart } from './etag.js';
import { imageInfoOf, IMAGE_HEAD, type ImageInfo } from './image-info.js';
import { mimeTypeOf, sniff } from './mime.js';
import type { KodoObject, ObjectStore } from './object-store.js';
import { checkKeyLength, checkMime, checkSize, isInsert, type PutPolicy } from './put-policy.js';
import { goJson, substitute, type Variable } from './variables.js';
import { extension } from 'mime-types';

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
  /** The files with the bytes, in order, each with its own hash. */
  readonly files: readonly (HashedPart & { readonly file: string })[];
  readonly reqid: string;
}

/** An answer, before headers. */
export interface UploadAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
  readonly location?: string;
}

export interface FinishSettings {
  readonly store: ObjectStore;
  readonly callback: CallbackSettings;
  readonly now: () => number;
  readonly onWarning: (text: string) => void;
}

/**
 * The end that all ways to upload share: name the object, hold the policy's limits, store it, and answer by
 * callback, by `returnUrl`, by `returnBody` or by default.
 *
 * @throws {KodoError} 403, 413, 414 or 614; the bytes are then not stored
 */
export async function finishUpload(upload: ReceivedUpload, settings: FinishSettings): Promise<UploadAnswer> {
  const { policy, reqid } = upload;
  const { store } = settings;
  const fsize = upload.files.reduce((sum, { size }) => sum + size, 0);
  checkSize(policy, fsize);
  const head = await store.blobs.head(upload.files, IMAGE_HEAD);
  const mimeType = await mimeTypeOf({
    detectMime: policy.detectMime,
    clientType: upload.clientType,
    fname: upload.fname,
    key: upload.key,
    head,
  });
  checkMime(policy, (await sniff(head)) ?? mimeType);
  const hash = etagOfParts(upload.files);
  const facts = { upload, hash, fsize, mimeType, imageInfo: imageInfoOf(head, fsize), now: settings.now() };
  const callbackBase = {
    host: policy.callbackHost,
    contentType: policy.callbackBodyType,
    reqid,
  };
  const bodyContext = policy.callbackBodyType === 'application/json' ? 'json' : 'form';

  let key = nameObject(facts);
  let payload: string | undefined;
  if (policy.callbackUrls.length > 0 && policy.callbackFetchKey) {
    const request = {
      ...callbackBase,
      body: substitute(policy.callbackBody ?? '', bodyContext, lookup(facts, undefined)),
    };
    const outcome = await deliverCallback(policy.callbackUrls, request, settings.callback);
    const named = outcome.ok ? readFetchedKey(outcome.json) : undefined;
    if (named === undefined) {
      const failure = outcome.ok
        ? ({ ok: false, url: policy.callbackUrls[0] ?? '', code: 200, error: 'unexcepted response' } as const)
        : outcome;
      return { status: 579, body: callbackFailureBody(failure, request, undefined) };
    }
    ({ key, payload } = named);
  }
  checkKeyLength(key);
  const object: KodoObject = {
    bucket: policy.bucket,
    key,
    hash,
    fsize,
    mimeType,
    putTime: facts.now,
    endUser: policy.endUser,
    metadata: upload.metadata,
    files: upload.files.map(({ file, size }) => ({ file, size })),
  };
  await store.put(object, isInsert(policy));
  if (payload !== undefined) return { status: 200, body: payload };

  const variables = lookup(facts, key);
  if (policy.callbackUrls.length > 0) {
    const request = { ...callbackBase, body: substitute(policy.callbackBody ?? '', bodyContext, variables) };
    const outcome = await deliverCallback(
      policy.callbackUrls.map((url) => substitute(url, 'form', variables)),
      request,
      settings.callback,
    );
    if (outcome.ok) return { status: 200, body: outcome.json };
    return { status: 579, body: callbackFailureBody(outcome, request, object) };
  }
  const body =
    policy.returnBody === undefined
      ? defaultBody(object, upload, variables('persistentId'))
      : substitute(policy.returnBody, 'json', variables);
  if (policy.returnUrl !== undefined)
    return { status: 303, body: '', location: returnLocation(policy.returnUrl, body) };
  if (!isJson(body)) settings.onWarning(`returnBody does not yield JSON: ${body.slice(0, 200)}`);
  return { status: 200, body };
}

interface Facts {
  readonly upload: ReceivedUpload;
  readonly hash: string;
  readonly fsize: number;
  readonly mimeType: string;
  readonly imageInfo: ImageInfo | undefined;
  readonly now: number;
}

/** The order in which a name is looked for: `forceSaveKey`, the client's key, `saveKey`, the hash. */
function nameObject(facts: Facts): string {
  const { policy, key } = facts.upload;
  const saveKey = (): string | undefined =>
    policy.saveKey === undefined ? undefined : substitute(policy.saveKey, 'text', lookup(facts, undefined));
  return (policy.forceSaveKey ? saveKey() : (key ?? saveKey())) ?? facts.hash;
}

/** All variables of https://developer.qiniu.com/kodo/1235/vars that an upload service can know by itself. */
function lookup(facts: Facts, key: string | undefined): (name: string) => Variable {
  const { upload, hash, fsize, mimeType, imageInfo, now } = facts;
  const { policy, fname } = upload;
  const ext = fname === undefined ? undefined : extname(fname) || `.${extension(mimeType) || ''}`.replace(/^\.$/, '');
  // Kodo's dates are China's, which keeps no summer time.
  const date = new Date(now + 8 * 3_600_000).toISOString();
  const values: Readonly<Record<string, Variable>> = {
    bucket: policy.bucket,
    key,
    etag: hash,
    hash,
    fname,
    fprefix: fname === undefined ? undefined : fname.slice(0, fname.length - extname(fname).length),
    ext,
    suffix: ext?.slice(1),
    fsize,
    mimeType,
    endUser: policy.endUser,
    persistentId:
      policy.persistentOps === undefined ? undefined : `z0.${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    uuid: randomUUID(),
    year: date.slice(0, 4),
    mon: date.slice(5, 7),
    day: date.slice(8, 10),
    hour: date.slice(11, 13),
    min: date.slice(14, 16),
    sec: date.slice(17, 19),
    imageInfo,
  };
  return (name) => {
    if (name.startsWith('x:')) return upload.customVars[name];
    const [first = '', ...rest] = name.split('.');
    let value: unknown = Object.hasOwn(values, first) ? values[first] : undefined;
    for (const field of rest) {
      const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, field);
      value = isObject ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
    }
    return value as Variable;
  };
}

function defaultBody(object: KodoObject, upload: ReceivedUpload, persistentId: Variable): string {
  const custom = Object.fromEntries(Object.entries(upload.customVars).sort(([a], [b]) => (a < b ? -1 : 1)));
  const { hash, key } = object;
  return goJson({ hash, key, ...(persistentId === undefined ? {} : { persistentId }), ...custom });
}

/** The answer to a `callbackFetchKey` callback: `{key, payload}`. */
function readFetchedKey(json: string): { readonly key: string; readonly payload: string } | undefined {
  const value = JSON.parse(json) as { readonly key?: unknown; readonly payload?: unknown } | null;
  if (typeof value?.key !== 'string') return undefined;
  return { key: value.key, payload: JSON.stringify(value.payload ?? null) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
