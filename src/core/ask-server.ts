import { UploadError } from './upload-error.js';

type HeaderRecord = Readonly<Record<string, string>>;

/** Further headers for the business server, e.g. a CSRF token; or what gets them for each request. */
export type ServerHeaders = HeaderRecord | (() => HeaderRecord | Promise<HeaderRecord>);

export interface ServerRequest {
  /** What the address is, for error messages: `token route`. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly headers: ServerHeaders | undefined;
  /** Milliseconds until a silent route is given up. */
  readonly timeout: number;
  /** Sent as a JSON body. */
  readonly json: unknown;
}

export interface ServerAnswer {
  readonly status: number;
  readonly body: string;
  /** The `Date` header; other origins' is hidden. */
  readonly date: string | null;
}

/**
 * Asks a route of the page's own server.
 *
 * @throws {UploadError} `token-timeout`, `token-unreachable`, or the signal's reason when it was aborted
 */
export async function askServer(url: string, request: ServerRequest, signal: AbortSignal): Promise<ServerAnswer> {
  const { name, method, timeout, json } = request;
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
    const further = typeof request.headers === 'function' ? await request.headers() : request.headers;
    const response = await fetch(url, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: stop.signal,
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...further,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    // The body belongs to the answer: a route that sends its head and then nothing is as silent as one that sends neither.
    return { status: response.status, body: await response.text(), date: response.headers.get('date') };
  } catch (cause) {
    signal.throwIfAborted();
    if (timedOut) {
      throw new UploadError('token-timeout', `The ${name} ${url} did not answer within ${timeout / 1000} s.`, {
        cause,
      });
    }
    throw new UploadError('token-unreachable', `The ${name} ${url} could not be reached.`, { cause });
  } finally {
    clearTimeout(timeoutId);
    signal.removeEventListener('abort', onAbort);
  }
}
