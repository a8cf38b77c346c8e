import { createHmac, timingSafeEqual } from 'node:crypto';
import { fromBase64Url, toBase64Url } from '../text/base64url.js';
import { KodoError } from '../kodo-error.js';
import { readPutPolicy, type PutPolicy } from './put-policy.js';

/** Keys of an account. */
export interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** base64url of HMAC-SHA1, as in all of Qiniu's signatures. */
export function sign(secretKey: string, data: string | Buffer): string {
  return toBase64Url(createHmac('sha1', secretKey).update(data).digest());
}

/** Signs a put policy: `accessKey:sign:encodedPolicy`. https://developer.qiniu.com/kodo/1208/upload-token */
export function signUploadToken({ accessKey, secretKey }: Keys, policy: Readonly<Record<string, unknown>>): string {
  const encoded = toBase64Url(JSON.stringify(policy));
  return `${accessKey}:${sign(secretKey, encoded)}:${encoded}`;
}

/**
 * Verifies a token and parses its policy. The signature covers the received text, byte for byte.
 *
 * @throws {KodoError} 401 `token not specified` or `bad token`; 400 if the policy is invalid
 */
export function verifyUploadToken(keys: Keys, token: string | undefined): PutPolicy {
  if (token === undefined || token === '') throw new KodoError(401, 'token not specified');
  const parts = token.split(':');
  const [accessKey, signature = '', encoded = ''] = parts;
  const bad = new KodoError(401, 'bad token');
  const isSigned = accessKey === keys.accessKey && isEqual(signature, sign(keys.secretKey, encoded));
  // Unlike in a path, the padding is required: qiniu-js does not accept a token without it either.
  if (parts.length !== 3 || !isSigned || encoded.length % 4 !== 0) throw bad;
  const fields = parseObject(fromBase64Url(encoded));
  if (fields === undefined) throw bad;
  return readPutPolicy(fields);
}

/**
 * Checks the deadline; called again when the object is created.
 *
 * @param text the API's error text
 * @throws {KodoError} 401
 */
export function checkDeadline(policy: PutPolicy, now: number, text: (seconds: number) => string): void {
  const late = Math.floor(now / 1000) - policy.deadline;
  if (late > 0) throw new KodoError(401, text(late));
}

/** Error text of the form upload. */
export const FORM_EXPIRY = (): string => 'expired token';
/** Error text of the calls with the token in a header. */
export const HEADER_EXPIRY = (seconds: number): string => `token expired ${seconds} seconds ago`;

/** Compares in constant time. */
export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function parseObject(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // not JSON: the caller responds with "bad token"
  }
}
