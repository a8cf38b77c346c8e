import { isRecord } from '../shared/json.js';
import { UploadError } from '../items/upload-error.js';
import { objectUrl, safeUrl } from '../net/object-url.js';
import type { ReplySource, UploadResult } from '../items/upload-item.js';
import type { UploadGrant } from '../token/token-grant.js';

/** A response with fallback values for the key and hash. */
interface Reply {
  /** The JSON value, unchanged. */
  readonly response: unknown;
  readonly key?: string | undefined;
  readonly hash?: string | undefined;
}

/**
 * Extracts the object's key, hash and URL from a response.
 *
 * @param source where the response comes from; `policy` derives it from the token's policy
 * @param domain used if the grant has none
 */
export function readReply(
  { response, key, hash }: Reply,
  source: Exclude<ReplySource, 'callback' | 'return-body' | 'default'> | 'policy',
  grant: Pick<UploadGrant, 'policy' | 'domain'> | object | undefined,
  domain: string | undefined,
): UploadResult {
  const fields = isRecord(response) ? response : {};
  const objectKey = textOf(fields['key']) ?? key;
  const ofGrant = grant !== undefined && 'policy' in grant ? grant : undefined;
  return {
    response,
    key: objectKey,
    hash: textOf(fields['hash']) ?? hash,
    source: source === 'policy' ? sourceOf(ofGrant) : source,
    url: safeUrl(textOf(fields['url'])) ?? objectUrl(ofGrant?.domain ?? domain, objectKey),
  };
}

/** The format of Qiniu's hashes; a response's `hash` can be a different hash. */
const ETAG = /^[Fln][\w-]{27}$/;

/**
 * Compares the hash in a response with the file's hash. Does nothing if either is unknown.
 *
 * @throws {UploadError} `hash-mismatch`
 */
export function checkHash({ hash, key }: UploadResult, expected: string | undefined): void {
  if (hash === undefined || expected === undefined || !ETAG.test(hash) || hash === expected) return;
  throw new UploadError(
    'hash-mismatch',
    `The stored object${key === undefined ? '' : ` "${key}"`} differs from the file: its hash is ${hash}, the file's is ${expected}.`,
  );
}

/** Kodo ignores `returnBody` if `callbackUrl` is set. */
function sourceOf(grant: Pick<UploadGrant, 'policy'> | undefined): ReplySource {
  if (grant?.policy.callbackUrl !== undefined) return 'callback';
  return grant?.policy.returnBody === undefined ? 'default' : 'return-body';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
