import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** The parts of a callback request that its signature covers, as received. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Host and port of the callback URL that Kodo was given. */
  readonly host: string;
  /** Exactly the value of the header. */
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The raw bytes, before any parsing. */
  readonly body: Buffer;
}

export interface SigningKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Used in place of the secret of an unknown access key, so that rejecting it takes the same time. */
const DUMMY_SECRET = randomBytes(32).toString('hex');

/**
 * Verifies that Qiniu signed this request, including the body, with one of our keys, in either of its schemes. The
 * comparison takes constant time.
 *
 * `QBox` covers path, query and, for a form only, the body. `Qiniu` covers method, path, query, host, type, `X-Qiniu-*`
 * headers and the body, except that of `application/octet-stream`. A body that is not signed could have been changed by
 * anyone, so the signature is always computed over the body here, and such a request is rejected.
 *
 * Source: https://developer.qiniu.com/kodo/1409/seven-cattle-callback-and-callback-authentication
 */
export function isSignedByQiniu(
  authorization: string | undefined,
  request: SignedRequest,
  allKeys: readonly SigningKeys[],
): boolean {
  const match = /^(QBox|Qiniu) ([^: ]+):([\w-]+={0,2})$/.exec(authorization ?? '');
  if (match === null) return false;
  const [, scheme, accessKey = '', signature = ''] = match;
  const keys = allKeys.find((ours) => ours.accessKey === accessKey) ?? { secretKey: DUMMY_SECRET };
  const hmac = createHmac('sha1', keys.secretKey);
  if (scheme === 'QBox') hmac.update(`${request.target}\n`);
  else {
    hmac.update(`${request.method} ${request.target}\nHost: ${request.host}\nContent-Type: ${request.contentType}`);
    hmac.update(qiniuHeaders(request.headers));
    hmac.update('\n\n');
  }
  hmac.update(request.body);
  const expected = hmac.digest();
  const given = Buffer.from(signature, 'base64url');
  return given.length === expected.length && timingSafeEqual(given, expected) && 'accessKey' in keys;
}

/** Formats the `X-Qiniu-*` headers as the scheme requires: canonical names, sorted, one per line. */
function qiniuHeaders(headers: SignedRequest['headers']): string {
  return Object.entries(headers)
    .filter(([name, value]) => name.toLowerCase().startsWith('x-qiniu-') && value !== undefined)
    .map(([name, value]) => `${canonical(name)}: ${String(value)}`)
    .sort()
    .map((line) => `\n${line}`)
    .join('');
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
