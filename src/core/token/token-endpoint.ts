import { askServer, shown, type ServerAnswer, type ServerCredentials, type ServerHeaders } from '../net/ask-server.js';
import { isRecord } from '../transport/put-policy.js';
import { explainRefusal, tokenRefusal } from './token-refusal.js';
import { UploadError } from '../items/upload-error.js';
import { warnOnce } from '../shared/warn-once.js';

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

/** Further headers for the token route, e.g. a CSRF token or `Authorization`; or what gets them for each request. */
export type TokenHeaders = ServerHeaders;

export interface TokenEndpointOptions {
  /** Address of the token route; relative to the page. */
  readonly url: string;
  /** `POST` with a JSON body, or `GET` with a query. Default `POST`. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: TokenHeaders | undefined;
  /** Whether cookies are sent, also to another origin. Default `same-origin`. */
  readonly credentials?: ServerCredentials | undefined;
  /** Milliseconds until a route that does not answer is given up. Default 30,000. */
  readonly timeout?: number | undefined;
}

/** A token provider that asks a route of the page's own server. */
export function tokenEndpoint(options: TokenEndpointOptions): TokenProvider {
  return (request, { signal }) => askForToken(options, request, signal);
}

async function askForToken(
  options: TokenEndpointOptions,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<TokenAnswer | string> {
  const { url, method = 'POST', headers, credentials, timeout = 30_000 } = options;
  const isGet = method === 'GET';
  const route = `${method} ${shown(url)}`;
  try {
    const answer = await askServer(
      isGet ? withQuery(url, request) : url,
      { name: 'token route', method, headers, credentials, timeout, json: isGet ? undefined : request },
      signal,
    );
    const { status, date } = answer;
    if (status < 200 || status > 299) throw tokenRefusal(answer, request);
    const token = parseTokenAnswer(answer);
    const serverTime = date === null ? NaN : Date.parse(date);
    if (Number.isNaN(serverTime)) return token;
    return { serverTime, ...(typeof token === 'string' ? { token } : token) };
  } catch (error) {
    if (error instanceof UploadError) warnOnce(explainRefusal(route, error));
    throw error;
  }
}

function withQuery(url: string, request: TokenRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) query.set(name, String(value));
  const [address = '', fragment] = url.split('#', 2);
  const joint = address.includes('?') ? '&' : '?';
  return `${address}${joint}${query}${fragment === undefined ? '' : `#${fragment}`}`;
}

function parseTokenAnswer({ body, isRedirected }: ServerAnswer): TokenAnswer | string {
  const text = body.trim();
  if (/^[^\s:<>"{}]+:[^\s:<>"{}]+:[^\s:<>"{}]+$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    if (isRecord(value)) return value as unknown as TokenAnswer; // parseGrant checks every field
  } catch {
    // named below
  }
  const shape = 'It must be JSON, {"token": "…"}.';
  if (text === '') throw new UploadError('token-malformed', `The token route's answer is empty. ${shape}`);
  if (!text.startsWith('<')) {
    throw new UploadError('token-unreadable', `The token route's answer is not JSON. ${shape}`);
  }
  // A session that has ended sends browsers to a page where people sign in.
  throw isRedirected
    ? new UploadError('token-refused', 'The token route redirected to an HTML page, probably to sign in.')
    : new UploadError('token-unreadable', `The token route's answer is an HTML page. ${shape}`);
}
