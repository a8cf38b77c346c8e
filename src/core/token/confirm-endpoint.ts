import { askServer, type ServerCredentials, type ServerHeaders } from '../net/ask-server.js';
import { UploadError } from '../items/upload-error.js';

/** A request to confirm an upload whose callback failed or whose response was lost. */
export interface ConfirmRequest {
  /** The business server's ID of the upload, from the token response. */
  readonly id: string | undefined;
  /** The object's key, if known. */
  readonly key: string | undefined;
  /** The object's hash (Qiniu's etag), if known. */
  readonly hash: string | undefined;
}

/**
 * Asks the business server whether an upload is stored, and returns the response that its callback would have returned.
 * Throw an `UploadError` with the code `upload-unknown` if it is not stored; other errors are retried.
 */
export type ConfirmProvider = (request: ConfirmRequest, options: { readonly signal: AbortSignal }) => Promise<unknown>;

export interface ConfirmEndpointOptions {
  /** URL of the confirm route; `{id}` is replaced by the upload's ID: `/api/uploads/{id}/confirm`. */
  readonly url: string;
  readonly headers?: ServerHeaders | undefined;
  /** Whether to send cookies, also to other origins. Default `same-origin`. */
  readonly credentials?: ServerCredentials | undefined;
  /** Timeout in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined;
}

/**
 * Creates a confirm provider that POSTs `{id, key, hash}` to a route of the page's own server, which checks with Kodo
 * (`stat`).
 *
 * A 4xx status means that the upload is not stored: the provider rejects with `upload-unknown`, without retries. The
 * exceptions are transient statuses (401, 403, 408, 419, 421, 423, 425, 429, 440), which are retried like 5xx.
 */
export function confirmEndpoint(options: ConfirmEndpointOptions): ConfirmProvider {
  return (request, { signal }) => askForConfirmation(options, request, signal);
}

/** Transient 4xx statuses: they do not mean that the upload is not stored. */
const TRANSIENT = [401, 403, 408, 419, 421, 423, 425, 429, 440];

async function askForConfirmation(
  { url, headers, credentials, timeout = 30_000 }: ConfirmEndpointOptions,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const address = url.replaceAll('{id}', encodeURIComponent(request.id ?? ''));
  const { status, body, retryAfter } = await askServer(
    address,
    { name: 'confirm route', method: 'POST', headers, credentials, timeout, json: request },
    signal,
  );
  const details = { status, retryAfter };
  if (status === 429) throw new UploadError('rate-limited', 'The confirm route returned 429.', details);
  if (status >= 400 && status < 500 && !TRANSIENT.includes(status)) {
    throw new UploadError('upload-unknown', `The confirm route returned ${status}.`, details);
  }
  if (status !== 200) {
    throw new UploadError('token-server-error', `The confirm route returned ${status}.`, details);
  }
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new UploadError('token-unreadable', "The confirm route's response is not JSON.", { cause });
  }
}
