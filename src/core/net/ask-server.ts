import { callWithLimit } from './abort.js';
import { readRetryAfter } from './retry-after.js';
import { UploadError } from '../items/upload-error.js';

type HeaderRecord = Readonly<Record<string, string>>;

/** Additional request headers for the business server, e.g. a CSRF token; or a function that returns them. */
export type ServerHeaders = HeaderRecord | (() => HeaderRecord | Promise<HeaderRecord>);

/**
 * Whether requests to the business server send cookies, as in `fetch()`: `include` also sends them to other origins,
 * which must allow it (`Access-Control-Allow-Credentials`).
 */
export type ServerCredentials = 'same-origin' | 'include' | 'omit';

export interface ServerRequest {
  /** Name of the route for error messages: `token route`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly headers: ServerHeaders | undefined;
  readonly credentials: ServerCredentials | undefined;
  /** Timeout in milliseconds, up to the end of the response body. */
  readonly timeout: number;
  /** Sent as a JSON body. */
  readonly json: unknown;
}

export interface ServerAnswer {
  readonly status: number;
  readonly body: string;
  /** Whether the request was redirected. */
  readonly isRedirected: boolean;
  /** The `Date` header; `null` if it is not exposed, as for other origins by default. */
  readonly date: string | null;
  /** The `Retry-After` header in milliseconds. */
  readonly retryAfter: number | undefined;
}

/**
 * Sends a request to a route of the page's own server.
 *
 * @throws {UploadError} `token-timeout`, `token-unreachable`, or the signal's reason if it is aborted
 */
export async function askServer(url: string, request: ServerRequest, signal: AbortSignal): Promise<ServerAnswer> {
  const { name, method, credentials = 'same-origin', timeout, json } = request;
  const onTimeout = (): UploadError =>
    new UploadError('token-timeout', `The ${name} ${withoutQuery(url)} did not respond within ${timeout / 1000} s.`);
  // The timeout includes the body: a route may send headers and then nothing.
  const send = async (signal: AbortSignal): Promise<ServerAnswer> => {
    const additional = typeof request.headers === 'function' ? await request.headers() : request.headers;
    const response = await fetch(url, {
      method,
      credentials,
      cache: 'no-store',
      signal,
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...additional,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const { status, redirected: isRedirected, headers } = response;
    const retryAfter = readRetryAfter(headers.get('retry-after'));
    return { status, body: await response.text(), isRedirected, date: headers.get('date'), retryAfter };
  };
  try {
    return await callWithLimit(send, { signal, timeout, onTimeout });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof UploadError) throw cause;
    throw new UploadError('token-unreachable', `The ${name} ${withoutQuery(url)} could not be reached.`, { cause });
  }
}

/** Returns a URL for messages: without query and fragment, which may contain names or secrets. */
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
