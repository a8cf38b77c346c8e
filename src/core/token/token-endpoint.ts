import {
  askServer,
  withoutQuery,
  type ServerAnswer,
  type ServerCredentials,
  type ServerHeaders,
} from '../net/ask-server.js';
import { isRecord } from '../shared/json.js';
import { explainRefusal, tokenRefusal } from './token-refusal.js';
import { UploadError } from '../items/upload-error.js';
import { warnOnce } from '../shared/warn-once.js';

/** A request for an upload token. */
export interface TokenRequest {
  /** The file's name, as chosen. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Media type as reported by the browser, or `''`. */
  readonly type: string;
  /** Relative path, if the file comes from a folder. */
  readonly path?: string;
  /** Only when renewing or resuming: the business server's ID of this upload. */
  readonly id?: string;
}

/** The business server's response to a token request. A plain string is also accepted, as the token. */
export type TokenAnswer = IssuedToken | KnownFile;

/** The usual token response. */
export interface IssuedToken {
  /** The upload token. */
  readonly token: string;
  /** The business server's ID of this upload. */
  readonly id?: string;
  /** The object's key, if the server chooses it; omit it if `saveKey` or the hash determines the key. */
  readonly key?: string;
  /** Up hosts in order of preference, as origins; a bare host means https. */
  readonly hosts?: readonly string[];
  /** Origin, with or without a path, that serves the bucket's objects. */
  readonly domain?: string;
  /** Seconds until the token's deadline. Default: the policy's deadline minus `serverTime`. */
  readonly expiresIn?: number;
  /** The business server's time in milliseconds since 1970. Default: the `Date` header, else this machine's clock. */
  readonly serverTime?: number;
  /** Whether other files can use the token until it expires: its scope is a bucket or a prefix. Default `false`. */
  readonly shared?: boolean;
}

/** A token response for a file that the business server already has: nothing is sent to Kodo. */
export interface KnownFile {
  /** The response that the callback would return. */
  readonly response: unknown;
  readonly key?: string;
  readonly hash?: string;
}

/**
 * Returns an upload token; replaces the token endpoint.
 *
 * Called for each file just before it is sent, and again whenever its upload needs a new token. Not called for a file
 * that can use a `shared` token.
 */
export type TokenProvider = (
  request: TokenRequest,
  options: { readonly signal: AbortSignal },
) => TokenAnswer | string | Promise<TokenAnswer | string>;

/** Additional headers for the token route, e.g. `Authorization`; or a function that returns them for each request. */
export type TokenHeaders = ServerHeaders;

export interface TokenEndpointOptions {
  /** URL of the token route, relative to the page. */
  readonly url: string;
  /** `POST` with a JSON body, or `GET` with a query string. Default `POST`. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: TokenHeaders | undefined;
  /** Whether to send cookies, also to other origins. Default `same-origin`. */
  readonly credentials?: ServerCredentials | undefined;
  /** Timeout in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined;
}

/** Creates a token provider that requests tokens from a route of the page's own server. */
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
  const route = `${method} ${withoutQuery(url)}`;
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
    // reported below
  }
  const shape = 'It must be JSON: {"token": "…"}.';
  if (text === '') throw new UploadError('token-malformed', `The token route's response is empty. ${shape}`);
  if (!text.startsWith('<')) {
    throw new UploadError('token-unreadable', `The token route's response is not JSON. ${shape}`);
  }
  // An expired session usually redirects to a sign-in page.
  throw isRedirected
    ? new UploadError('token-refused', 'The token route redirected to an HTML page, probably a sign-in page.')
    : new UploadError('token-unreadable', `The token route's response is an HTML page. ${shape}`);
}
