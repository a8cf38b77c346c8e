import { isRecord } from '../shared/json.js';
import { UploadError } from '../items/upload-error.js';

/**
 * The fields of a put policy that a client can use.
 * Source: https://developer.qiniu.com/kodo/1206/put-policy
 */
export interface PutPolicy {
  /** Access key of the account that signed the token; not a secret. */
  readonly accessKey: string;
  /** Bucket the token is for. */
  readonly bucket: string;
  /** Key or key prefix in the scope, if there is one. */
  readonly scopeKey: string | undefined;
  /** Whether `scopeKey` is a prefix. */
  readonly isPrefixalScope: boolean;
  /** Unix time in seconds; `undefined` if it is not a number. */
  readonly deadline: number | undefined;
  readonly callbackUrl: string | undefined;
  readonly returnBody: string | undefined;
  /** Whether `saveKey` determines the object's key, whatever key is sent. */
  readonly forceSaveKey: boolean;
  /** Minimum size in bytes. */
  readonly fsizeMin: number | undefined;
  /** Maximum size in bytes. */
  readonly fsizeLimit: number | undefined;
  /** Types and wildcards separated by `;`; a leading `!` forbids them. */
  readonly mimeLimit: string | undefined;
  /** Names of all fields, including fields that Kodo does not know. */
  readonly fields: readonly string[];
}

const TOKEN_SHAPE = 'It must have three parts, "accessKey:sign:policy"; check the response of the token route.';

/**
 * Parses the put policy in an upload token: its third part, base64url-encoded JSON.
 *
 * @throws {UploadError} `token-malformed`; the message never contains the token
 */
export function parsePutPolicy(token: string): PutPolicy {
  const parts = token.split(':');
  const [accessKey, sign, encodedPolicy] = parts;
  if (parts.length !== 3 || !accessKey || !sign || !encodedPolicy) {
    throw new UploadError('token-malformed', `The upload token has ${parts.length} part(s). ${TOKEN_SHAPE}`);
  }
  const policy = parseJsonObject(decodeBase64Url(encodedPolicy));
  if (policy === undefined) {
    throw new UploadError('token-malformed', `The upload token's policy is not base64url-encoded JSON. ${TOKEN_SHAPE}`);
  }
  const scope = textOf(policy['scope']);
  if (scope === undefined || scope.startsWith(':')) {
    throw new UploadError('token-malformed', 'The upload token\'s policy has no "scope" with a bucket.');
  }
  // The first colon ends the bucket name; a key can contain more.
  const colon = scope.indexOf(':');
  return {
    accessKey,
    bucket: colon === -1 ? scope : scope.slice(0, colon),
    scopeKey: colon === -1 ? undefined : scope.slice(colon + 1),
    isPrefixalScope: Boolean(policy['isPrefixalScope']),
    deadline: numberOf(policy['deadline']),
    callbackUrl: textOf(policy['callbackUrl']),
    returnBody: textOf(policy['returnBody']),
    forceSaveKey: Boolean(policy['forceSaveKey']),
    fsizeMin: numberOf(policy['fsizeMin']),
    fsizeLimit: numberOf(policy['fsizeLimit']),
    mimeLimit: textOf(policy['mimeLimit']),
    fields: Object.keys(policy),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function decodeBase64Url(text: string): string | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  } catch {
    return undefined; // reported by the caller
  }
}

function parseJsonObject(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // reported by the caller
  }
}
