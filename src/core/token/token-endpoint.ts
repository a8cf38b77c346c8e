import {
  askServer,
  withoutQuery,
  type ServerAnswer,
  type ServerCredentials,
  type ServerHeaders,
} from '../net/ask-server.js';
import { isRecord } from '../shared/json.js';
import type { TokenProvider, TokenRequest, TokenAnswer } from './token-provider.js';
import { explainRefusal, tokenRefusal } from './token-refusal.js';
import { UploadError } from '../items/upload-error.js';
import { warnOnce } from '../shared/warn-once.js';

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
