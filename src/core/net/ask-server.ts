import { callWithLimit } from './abort.js';
import { readRetryAfter } from './retry-after.js';
import { UploadError } from '../items/upload-error.js';

type HeaderRecord = Readonly<Record<string, string>>;

/** Further request headers for the business server, e.g. a CSRF token; or a function that returns them. */
export type ServerHeaders = HeaderRecord | (() => HeaderRecord | Promise<HeaderRecord>);

/**
 * Whether cookies go with a request to the business server, as in `fetch()`: `include` also sends them to another
 * origin, which must allow it (`Access-Control-Allow-Credentials`).
 */
export type ServerCredentials = 'same-origin' | 'include' | 'omit';

export interface ServerRequest {
  /** Which route it is, for error messages: `token route`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly headers: ServerHeaders | undefined;
  readonly credentials: ServerCredentials | undefined;
  /** Milliseconds until a route that does not answer is given up. */
  readonly timeout: number;
  /** Sent as a JSON body. */
  readonly json: unknown;
}

export interface ServerAnswer {
  readonly status: number;
  readonly body: string;
  /** Whether the answer came from another address than the one that was asked. */
  readonly isRedirected: boolean;
  /** The `Date` header; `null` where it is hidden, as it is on other origins. */
  readonly date: string | null;
  /** Milliseconds that `Retry-After` asks to wait. */
  readonly retryAfter: number | undefined;
}

/**
 * Sends a request to a route of the page's own server.
 *
 * @throws {UploadError} `token-timeout`, `token-unreachable`, or the signal's reason when it was aborted
 */
export async function askServer(url: string, request: ServerRequest, signal: AbortSignal): Promise<ServerAnswer> {
  const { name, method, credentials = 'same-origin', timeout, json } = request;
  const onTimeout = (): UploadError =>
    new UploadError('token-timeout', `The ${name} ${shown(url)} did not answer within ${timeout / 1000} s.`);
  // The body belongs to the answer: a route that sends headers and then nothing has not answered.
  const ask = async (signal: AbortSignal): Promise<ServerAnswer> => {
    const further = typeof request.headers === 'function' ? await request.headers() : request.headers;
    const response = await fetch(url, {
      method,
      credentials,
      cache: 'no-store',
      signal,
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...further,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const { status, redirected: isRedirected, headers } = response;
    const retryAfter = readRetryAfter(headers.get('retry-after'));
    return { status, body: await response.text(), isRedirected, date: headers.get('date'), retryAfter };
  };
  try {
    return await callWithLimit(ask, { signal, timeout, onTimeout });
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof UploadError) throw cause;
    throw new UploadError('token-unreachable', `The ${name} ${shown(url)} could not be reached.`, { cause });
  }
}

/** An address for messages: without query and fragment, which may hold names or secrets. */
export function shown(url: string): string {
  return url.replace(/[?#].*$/s, '');
}
