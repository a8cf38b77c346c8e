import { askServer, type ServerHeaders } from './ask-server.js';
import { isRecord, parsePutPolicy, type PutPolicy } from './put-policy.js';
import { UploadError, type UploadErrorCode } from './upload-error.js';

/** What the business server is told about a file when it is asked for a token. */
export interface TokenRequest {
  /** The file's name, as chosen. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Media type as the browser states it, or `''`. */
  readonly type: string;
  /** Relative path, when the file came out of a folder. */
  readonly path?: string;
  /** Only to renew or resume: the business server's own name for this upload. */
  readonly id?: string;
}

/** What the business server may answer; a plain string is taken as the token. */
export type TokenAnswer = IssuedToken | KnownFile;

/** The usual answer. */
export interface IssuedToken {
  /** The upload token. */
  readonly token: string;
  /** The business server's own name for this upload. */
  readonly id?: string;
  /** The object's key, named by the server; absent when `saveKey` or the hash names it. */
  readonly key?: string;
  /** Up hosts in order of preference, as origins; a bare host means https. */
  readonly hosts?: readonly string[];
  /** Origin, with or without a path, under which the bucket's objects can be fetched. */
  readonly domain?: string;
  /** Seconds until the token's deadline. Default: the policy's deadline, by the clock of `serverTime`. */
  readonly expiresIn?: number;
  /** Milliseconds since 1970 by the business server's clock. Default: the answer's `Date`, else this machine's clock. */
  readonly serverTime?: number;
  /** Whether the token is good for other files too, until it expires: its scope is a bucket or a prefix. */
  readonly shared?: boolean;
}

/** The business server has this very file already: nothing is sent. */
export interface KnownFile {
  /** What the callback's reply would be. */
  readonly response: unknown;
  readonly key?: string;
  readonly hash?: string;
}

/**
 * Gets an upload token from wherever the page likes; replaces the token endpoint.
 *
 * It is called once for each file, just before the file is sent.
 */
export type TokenProvider = (
  request: TokenRequest,
  options: { readonly signal: AbortSignal },
) => TokenAnswer | string | Promise<TokenAnswer | string>;

/** A token answer, checked, with the token's policy read. */
export interface UploadGrant {
  readonly token: string;
  readonly policy: PutPolicy;
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly hosts: readonly string[];
  readonly domain: string | undefined;
  readonly shared: boolean;
  /** When the token expires, as `performance.now()` tells time: this machine's date may be wrong. */
  readonly expiresAt: number;
  /** Milliseconds from its issue to its end. */
  readonly lifetime: number;
  /** Milliseconds by which this machine's clock is ahead of the business server's, where that is known. */
  readonly clockError: number | undefined;
}

/** Further headers for the token route, e.g. a CSRF token or `Authorization`; or what gets them for each request. */
export type TokenHeaders = ServerHeaders;

export interface TokenEndpointOptions {
  /** Address of the token route; relative to the page. */
  readonly url: string;
  /** `POST` with a JSON body, or `GET` with a query. Default `POST`. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: TokenHeaders | undefined;
  /** Milliseconds until a silent route is given up. Default 30,000. */
  readonly timeout?: number;
}

/** Longest piece of a server's own words that is kept. */
const MAX_SERVER_MESSAGE = 300;

/** A token provider that asks a route of the page's own server. */
export function tokenEndpoint(options: TokenEndpointOptions): TokenProvider {
  return async (request, { signal }) => {
    const { url, method = 'POST', headers, timeout = 30_000 } = options;
    const isGet = method === 'GET';
    const { status, body, date } = await askServer(
      isGet ? withQuery(url, request) : url,
      { name: 'token route', method, headers, timeout, json: isGet ? undefined : request },
      signal,
    );
    if (status < 200 || status > 299) throw refusal(status, body, request);
    const answer = parseTokenAnswer(body);
    const serverTime = date === null ? NaN : Date.parse(date);
    if (Number.isNaN(serverTime)) return answer;
    return { serverTime, ...(typeof answer === 'string' ? { token: answer } : answer) };
  };
}

/** Whether the business server has the file already. */
export function isKnownFile(answer: unknown): answer is KnownFile {
  return isRecord(answer) && 'response' in answer && answer['token'] === undefined && answer['uptoken'] === undefined;
}

/** Checks what a token provider gave, whatever it was. */
export function parseGrant(answer: unknown): UploadGrant {
  const fields: Readonly<Record<string, unknown>> =
    typeof answer === 'string' ? { token: answer } : isRecord(answer) ? answer : {};
  const token = fields['token'] ?? fields['uptoken'];
  if (typeof token !== 'string' || token.trim() === '') {
    throw new UploadError('token-malformed', 'The token answer has no token. It must be {"token": "…"}.');
  }
  const hosts = Array.isArray(fields['hosts']) ? (fields['hosts'] as unknown[]) : [];
  const policy = parsePutPolicy(token.trim());
  const serverTime = typeof fields['serverTime'] === 'number' ? fields['serverTime'] : undefined;
  const lifetime = lifetimeOf(fields['expiresIn'], policy, serverTime ?? Date.now());
  return {
    token: token.trim(),
    policy,
    shared: fields['shared'] === true,
    lifetime,
    expiresAt: performance.now() + lifetime,
    clockError: serverTime === undefined ? undefined : Date.now() - serverTime,
    id: optionalText(fields['id']),
    key: typeof fields['key'] === 'string' ? fields['key'] : undefined,
    hosts: hosts.filter((host): host is string => typeof host === 'string' && host !== '').map(toOrigin),
    domain: optionalText(fields['domain']),
  };
}

/**
 * An up host as an origin: a bare host means https.
 *
 * @throws {UploadError} `bad-request` when it is no http(s) host
 */
export function toOrigin(host: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `https://${host}`;
  try {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url.origin;
  } catch {
    // named below
  }
  throw new UploadError(
    'bad-request',
    `"${host}" is no up host. Give a host or an origin, e.g. "https://upload.qiniup.com".`,
  );
}

/** A token whose end nobody tells is taken to be good for an hour, as Qiniu's server SDKs make them. */
const USUAL_LIFETIME = 3_600_000;

function lifetimeOf(expiresIn: unknown, { deadline }: PutPolicy, serverTime: number): number {
  if (typeof expiresIn === 'number' && expiresIn > 0) return expiresIn * 1000;
  // A deadline in milliseconds is a mistake that is warned about elsewhere; Kodo takes it as far away.
  return deadline === undefined ? USUAL_LIFETIME : Math.max(0, deadline * 1000 - serverTime);
}

function withQuery(url: string, request: TokenRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) query.set(name, String(value));
  const [address = '', fragment] = url.split('#', 2);
  const joint = address.includes('?') ? '&' : '?';
  return `${address}${joint}${query}${fragment === undefined ? '' : `#${fragment}`}`;
}

function refusal(status: number, body: string, { id }: TokenRequest): UploadError {
  const serverMessage = messageOf(body);
  const code = id !== undefined && [404, 409, 410].includes(status) ? 'upload-unknown' : refusalCode(status);
  return new UploadError(code, `The token route answered ${status}.`, {
    status,
    ...(serverMessage === undefined ? {} : { serverMessage }),
  });
}

/** What says that this file cannot be had is not asked again; what may be a passing state is. */
function refusalCode(status: number): UploadErrorCode {
  if (status === 401 || status === 403) return 'token-refused';
  if (status === 413) return 'too-large';
  if (status === 415) return 'type-forbidden';
  return status === 429 || status >= 500 ? 'token-server-error' : 'token-denied';
}

/** The words in a JSON error answer: `{message}`, `{error}` or `{error: {message}}`; nothing of an HTML page. */
function messageOf(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // not JSON: no words worth showing
  }
  if (!isRecord(value)) return undefined;
  const error = isRecord(value['error']) ? value['error']['message'] : value['error'];
  return [value['message'], error]
    .find((text): text is string => typeof text === 'string' && text !== '')
    ?.slice(0, MAX_SERVER_MESSAGE);
}

function parseTokenAnswer(body: string): TokenAnswer | string {
  const text = body.trim();
  if (/^[^\s:<>"{}]+:[^\s:<>"{}]+:[^\s:<>"{}]+$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    if (isRecord(value)) return value as unknown as TokenAnswer; // parseGrant looks at every field
  } catch {
    // named below
  }
  const kind = text === '' ? 'nothing' : /^\s*</.test(text) ? 'HTML' : 'no JSON';
  throw new UploadError(
    kind === 'nothing' ? 'token-malformed' : 'token-unreadable',
    `The token route answered ${kind}. It must answer JSON, {"token": "…"}.`,
  );
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
