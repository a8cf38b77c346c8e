import { isRecord } from '../shared/json.js';
import { readRetryAfter } from '../net/retry-after.js';
import type { TokenRequest } from './token-provider.js';
import { UploadError, type UploadErrorCode } from '../items/upload-error.js';

/** Maximum length in characters that is kept of a server's error message. */
const MAX_SERVER_MESSAGE = 300;

/** A response that refuses a token. */
interface Refusal {
  readonly status: number;
  /** The response body: JSON text or a parsed value. */
  readonly body: unknown;
  readonly retryAfter: number | undefined;
}

/** Creates the error for a token response whose status is not 2xx. */
export function tokenRefusal({ status, body, retryAfter }: Refusal, { id }: TokenRequest): UploadError {
  const code = id !== undefined && [404, 409, 410].includes(status) ? 'upload-unknown' : codeOf(status);
  const serverMessage = messageOf(body);
  return new UploadError(code, `The token route returned ${status}.`, { status, retryAfter, serverMessage });
}

/** Not signed in or not allowed, including Laravel's 419 (CSRF token expired) and IIS's 440 (login timeout). */
const SIGN_IN = [401, 403, 419, 440];
/** Request timeout, misdirected, locked, too early: a retry of the same request may succeed. */
const TRANSIENT = [408, 421, 423, 425];

function codeOf(status: number): UploadErrorCode {
  if (SIGN_IN.includes(status)) return 'token-refused';
  if (status === 413) return 'too-large';
  if (status === 415) return 'type-forbidden';
  if (status === 429) return 'rate-limited';
  return status >= 500 || TRANSIENT.includes(status) ? 'token-server-error' : 'token-denied';
}

/** Returns the message in a JSON error response: `{message}`, `{error}` or `{error: {message}}`. */
function messageOf(body: unknown): string | undefined {
  let value = body;
  try {
    if (typeof body === 'string') value = JSON.parse(body);
  } catch {
    return undefined; // not JSON
  }
  if (!isRecord(value)) return undefined;
  const error = isRecord(value['error']) ? value['error']['message'] : value['error'];
  return [value['message'], error]
    .find((text): text is string => typeof text === 'string' && text !== '')
    ?.slice(0, MAX_SERVER_MESSAGE);
}

/**
 * Converts whatever a page's token provider threw. Errors of axios, ky, ofetch and similar libraries contain the
 * response, so an expired session or a rate limit is recognized as with the built-in endpoint.
 */
export function fromProviderError(cause: unknown, request: TokenRequest): UploadError {
  if (cause instanceof UploadError) return cause;
  const error = isRecord(cause) ? cause : {};
  const response = isRecord(error['response']) ? error['response'] : error;
  const status = [response['status'], error['status'], error['statusCode']].find((value) => typeof value === 'number');
  if (typeof status === 'number' && status >= 400 && status <= 599) {
    const retryAfter = readRetryAfter(headerOf(response['headers'], 'retry-after'));
    const { code, message, serverMessage } = tokenRefusal(
      { status, body: response['data'] ?? error['data'], retryAfter },
      request,
    );
    return new UploadError(code, message, { status, retryAfter, serverMessage, cause });
  }
  const isNetwork =
    error['code'] === 'ERR_NETWORK' ||
    // The messages of Chromium, Firefox, WebKit and Node when `fetch()` cannot reach a server.
    (cause instanceof TypeError && /failed to fetch|networkerror|load failed|fetch failed/i.test(cause.message));
  if (isNetwork)
    return new UploadError('token-unreachable', 'The token provider could not reach its server.', { cause });
  return UploadError.from(cause);
}

function headerOf(headers: unknown, name: string): string | undefined {
  if (typeof Headers !== 'undefined' && headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = isRecord(headers) ? headers[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Creates a console message for the page's developer: the request, the outcome and what to check. */
export function explainRefusal(route: string, { code, status, message }: UploadError): string {
  const outcome = status === undefined ? message : `It returned ${status}.`;
  return `no upload token from ${route}. ${outcome} ${hintFor(code, status)}`;
}

function hintFor(code: UploadErrorCode, status: number | undefined): string {
  if (status === 404) return 'Check the URL in token-endpoint, and that the server has this route for this method.';
  if (status === 405)
    return 'Check that the server has this route for this method; token-method="get" sends a GET request.';
  if (status === 401 || status === 403 || status === 419 || status === 440 || code === 'token-refused') {
    return (
      'Check that the visitor is signed in, that the cookie is sent (token-credentials="include" for another origin), ' +
      'and that tokenHeaders contains a CSRF token if the server requires one.'
    );
  }
  if (code === 'token-unreachable') {
    return (
      'Check the URL, that the server is running, and that it allows this origin (CORS); ' +
      'a page on HTTPS cannot send requests to a server on HTTP.'
    );
  }
  if (code === 'token-unreadable' || code === 'token-malformed') {
    return 'Check that the response comes from the route, not from a login page or a single-page application fallback.';
  }
  if (code === 'rate-limited') return 'The queue backs off and retries.';
  return 'Check the server log.';
}
