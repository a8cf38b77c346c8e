import { KodoError } from '../kodo-error.js';
import { wellFormed } from '../text/well-formed.js';

/**
 * A put policy as Kodo parses it: unknown fields are ignored, empty ones are treated as absent.
 * Source: https://developer.qiniu.com/kodo/1206/put-policy
 */
export interface PutPolicy {
  readonly bucket: string;
  /** The key or key prefix after the first colon of `scope`. */
  readonly scopeKey: string | undefined;
  readonly isPrefixalScope: boolean;
  /** Unix time in seconds. */
  readonly deadline: number;
  readonly insertOnly: boolean;
  readonly saveKey: string | undefined;
  readonly forceSaveKey: boolean;
  readonly keylimit: readonly string[] | undefined;
  readonly endUser: string | undefined;
  readonly returnUrl: string | undefined;
  readonly returnBody: string | undefined;
  readonly callbackUrls: readonly string[];
  readonly callbackHost: string | undefined;
  readonly callbackBody: string | undefined;
  readonly callbackBodyType: string;
  readonly callbackFetchKey: boolean;
  /** Asynchronous processing of the stored object: commands, or a workflow id. */
  readonly persistentOps: string | undefined;
  readonly persistentWorkflow: string | undefined;
  readonly persistentNotifyUrl: string | undefined;
  readonly persistentPipeline: string | undefined;
  /** 0 normal priority, 1 idle time only. */
  readonly persistentType: number;
  readonly fsizeMin: number | undefined;
  readonly fsizeLimit: number | undefined;
  readonly detectMime: number;
  readonly mimeLimit: string | undefined;
  /** Storage class: 0 standard, 1 infrequent, 2 archive, 3 deep archive, 4 archive instant, 5 intelligent tiering. */
  readonly fileType: number;
  readonly deleteAfterDays: number | undefined;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MAX_UINT32 = 2 ** 32 - 1;

/** Allowed range of `trafficLimit`, in bits per second. */
const TRAFFIC_LIMIT = { min: 819_200, max: 838_860_800 };

/** @throws {KodoError} 400 if a field is missing or has the wrong type */
export function readPutPolicy(fields: Readonly<Record<string, unknown>>): PutPolicy {
  const text = (name: string): string | undefined => {
    const value = fields[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw invalid(name);
    return wellFormed(value);
  };
  const number = (name: string, min = 0, max = Number.MAX_SAFE_INTEGER): number | undefined => {
    const value = fields[name];
    if (value === undefined || value === null || value === 0) return undefined;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) throw invalid(name);
    return value;
  };
  const flag = (name: string): boolean => number(name) !== undefined;
  const boolean = (name: string): boolean => {
    const value = fields[name] ?? false;
    if (typeof value !== 'boolean') throw invalid(name);
    return value;
  };
  const scope = text('scope');
  if (scope === undefined) throw new KodoError(400, 'scope not specified');
  // 0 is a valid, expired time; milliseconds are too large.
  const deadline = fields['deadline'] === 0 ? 0 : number('deadline', 0, MAX_UINT32);
  if (deadline === undefined) throw invalid('deadline');
  number('trafficLimit', TRAFFIC_LIMIT.min, TRAFFIC_LIMIT.max);
  const fileType = number('fileType', 0, 5) ?? 0;
  const forceSaveKey = boolean('forceSaveKey');
  const saveKey = text('saveKey');
  if (forceSaveKey && saveKey === undefined) throw invalid('saveKey');
  const callbackUrl = text('callbackUrl');
  const callbackBody = text('callbackBody');
  if (callbackUrl !== undefined && callbackBody === undefined) {
    throw new KodoError(400, 'callbackBody is not specified');
  }
  const callbackBodyType = text('callbackBodyType') ?? FORM;
  if (callbackBodyType !== FORM && callbackBodyType !== JSON_TYPE) throw invalid('callbackBodyType');
  const persistentOps = text('persistentOps');
  const persistentWorkflow = text('persistentWorkflowTemplateID');
  for (const name of ['asyncOps', 'transform']) text(name);
  const isBoth = persistentOps !== undefined && persistentWorkflow !== undefined;
  if (isBoth) throw invalid('persistentWorkflowTemplateID');
  const isProcessed = persistentOps !== undefined || persistentWorkflow !== undefined;
  if (isProcessed && (fileType === 2 || fileType === 3)) throw invalid('fileType'); // not readable at once
  const colon = scope.indexOf(':');
  return {
    bucket: colon === -1 ? scope : scope.slice(0, colon),
    scopeKey: colon === -1 ? undefined : scope.slice(colon + 1),
    isPrefixalScope: flag('isPrefixalScope'),
    deadline,
    insertOnly: flag('insertOnly'),
    saveKey,
    forceSaveKey,
    keylimit: readKeyLimit(fields['keylimit']),
    endUser: text('endUser'),
    returnUrl: text('returnUrl'),
    returnBody: text('returnBody'),
    callbackUrls: callbackUrl?.split(';').filter((url) => url !== '') ?? [],
    callbackHost: text('callbackHost'),
    callbackBody,
    callbackBodyType,
    callbackFetchKey: flag('callbackFetchKey'),
    persistentOps,
    persistentWorkflow,
    persistentNotifyUrl: text('persistentNotifyUrl'),
    persistentPipeline: text('persistentPipeline'),
    persistentType: number('persistentType', 0, 1) ?? 0,
    fsizeMin: number('fsizeMin'),
    fsizeLimit: number('fsizeLimit'),
    detectMime: number('detectMime', -1, 1) ?? 0,
    mimeLimit: text('mimeLimit'),
    fileType,
    deleteAfterDays: number('deleteAfterDays', 0, MAX_UINT32),
  };
}

function readKeyLimit(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isList = Array.isArray(value) && value.length <= 20 && value.every((key) => typeof key === 'string');
  if (!isList) throw invalid('keylimit');
  return value.length === 0 ? undefined : value.map(wellFormed);
}

function mismatch(): KodoError {
  return new KodoError(403, "key doesn't match with scope");
}

function invalid(field: string): KodoError {
  return new KodoError(400, `invalid put policy: ${field}`);
}

/** Whether the policy is insert-only: an existing key with different content is rejected. */
export function isInsert(policy: PutPolicy): boolean {
  return policy.insertOnly || policy.scopeKey === undefined || policy.isPrefixalScope;
}

/** Maximum key length, in bytes of UTF-8. */
const MAX_KEY_BYTES = 750;

/**
 * Checks the client's key, or its absence.
 *
 * @throws {KodoError} 403 or 414
 */
export function checkClientKey(policy: PutPolicy, key: string | undefined): void {
  if (policy.forceSaveKey) return;
  if (policy.scopeKey !== undefined) {
    const matches = policy.isPrefixalScope
      ? key === undefined || key.startsWith(policy.scopeKey)
      : key === policy.scopeKey;
    if (!matches) throw mismatch();
  }
  if (policy.keylimit !== undefined && (key === undefined || !policy.keylimit.includes(key))) throw mismatch();
  if (key !== undefined) checkKeyLength(key);
}

/**
 * Checks the final key of an object, whatever its source.
 *
 * @throws {KodoError} 403 or 414
 */
export function checkFinalKey(policy: PutPolicy, key: string): void {
  checkKeyLength(key);
  const { isPrefixalScope, scopeKey } = policy;
  if (isPrefixalScope && scopeKey !== undefined && !key.startsWith(scopeKey)) throw mismatch();
}

function checkKeyLength(key: string): void {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new KodoError(414, 'key too long');
}

/** @throws {KodoError} 403 or 413 */
export function checkSize(policy: PutPolicy, size: number): void {
  if (policy.fsizeLimit !== undefined && size > policy.fsizeLimit) throw new KodoError(413, 'exceed FsizeLimit');
  if (policy.fsizeMin !== undefined && size < policy.fsizeMin) {
    throw new KodoError(403, 'request entity size is smaller than FsizeMin');
  }
}

/**
 * Checks the type detected from the content. A leading `!` negates the whole list.
 *
 * @throws {KodoError} 403
 */
export function checkMime(policy: PutPolicy, mimeType: string): void {
  if (policy.mimeLimit === undefined) return;
  const negated = policy.mimeLimit.startsWith('!');
  const listed = (negated ? policy.mimeLimit.slice(1) : policy.mimeLimit)
    .split(';')
    .some((entry) => (entry.endsWith('/*') ? mimeType.startsWith(entry.slice(0, -1)) : mimeType === entry));
  if (listed === negated) {
    throw new KodoError(403, `limited mimeType: this file type (${mimeType}) is forbidden to upload`);
  }
}
