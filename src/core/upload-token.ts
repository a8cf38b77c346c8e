import { isRecord, parsePutPolicy, type PutPolicy } from './put-policy.js';
import { UploadError } from './upload-error.js';

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
export interface TokenAnswer {
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
  /** Seconds until the token's deadline. */
  readonly expiresIn?: number;
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
}

/** Further headers for the token route, e.g. a CSRF token or `Authorization`. */
export type TokenHeaders = Readonly<Record<string, string>>;

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
    const { status, body } = await askTokenRoute(options, request, signal);
    if (status < 200 || status > 299) throw refusal(status, body);
    return parseTokenAnswer(body);
  };
}

/** Checks what a token provider gave, whatever it was. */
export function parseGrant(answer: unknown): UploadGrant {
  const fields = typeof answer === 'string' ? { token: answer } : isRecord(answer) ? answer : {};
  const token = fields['token'] ?? fields['uptoken'];
  if (typeof token !== 'string' || token.trim() === '') {
    throw new UploadError('token-malformed', 'The token answer has no token. It must be {"token": "…"}.');
  }
  const hosts = Array.isArray(fields['hosts']) ? (fields['hosts'] as unknown[]) : [];
  return {
    token: token.trim(),
    policy: parsePutPolicy(token.trim()),
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

async function askTokenRoute(
  options: TokenEndpointOptions,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: string }> {
  const { url, method = 'POST', headers, timeout = 30_000 } = options;
  // AbortSignal.any() would say this in one line, but web views of 2023 do not have it.
  const stop = new AbortController();
  let timedOut = false;
  const timeoutId = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, timeout);
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    const init = { credentials: 'same-origin', cache: 'no-store', signal: stop.signal } as const;
    const accept = { accept: 'application/json', ...headers };
    const response =
      method === 'GET'
        ? await fetch(withQuery(url, request), { ...init, headers: accept })
        : await fetch(url, {
            ...init,
            method,
            headers: { 'content-type': 'application/json', ...accept },
            body: JSON.stringify(request),
          });
    // The body belongs to the answer: a route that sends its head and then nothing is as silent as one that sends neither.
    return { status: response.status, body: await response.text() };
  } catch (cause) {
    signal.throwIfAborted();
    if (timedOut) {
      throw new UploadError('token-timeout', `The token route ${url} did not answer within ${timeout / 1000} s.`, {
        cause,
      });
    }
    throw new UploadError('token-unreachable', `The token route ${url} could not be reached.`, { cause });
  } finally {
    clearTimeout(timeoutId);
    signal.removeEventListener('abort', onAbort);
  }
}

function withQuery(url: string, request: TokenRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) query.set(name, String(value));
  const [address = '', fragment] = url.split('#', 2);
  const joint = address.includes('?') ? '&' : '?';
  return `${address}${joint}${query}${fragment === undefined ? '' : `#${fragment}`}`;
}

function refusal(status: number, body: string): UploadError {
  const serverMessage = messageOf(body);
  const code = status === 401 || status === 403 ? 'token-refused' : 'token-server-error';
  return new UploadError(code, `The token route answered ${status}.`, {
    status,
    ...(serverMessage === undefined ? {} : { serverMessage }),
  });
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
