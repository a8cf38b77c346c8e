import { askServer, type ServerCredentials, type ServerHeaders } from '../net/ask-server.js';
import { UploadError } from '../items/upload-error.js';

/** What the business server is asked about: an upload whose callback or reply was lost. */
export interface ConfirmRequest {
  /** The business server's own name for the upload, where it gave one. */
  readonly id: string | undefined;
  readonly key: string | undefined;
  /** The object's hash, where it is known. */
  readonly hash: string | undefined;
}

/** Asks the business server for the reply that the callback would have given. */
export type ConfirmProvider = (request: ConfirmRequest, options: { readonly signal: AbortSignal }) => Promise<unknown>;

export interface ConfirmEndpointOptions {
  /** Address of the confirm route; `{id}` in it is replaced: `/api/uploads/{id}/confirm`. */
  readonly url: string;
  readonly headers?: ServerHeaders | undefined;
  /** Whether cookies are sent, also to another origin. Default `same-origin`. */
  readonly credentials?: ServerCredentials | undefined;
  /** Milliseconds until a route that does not answer is given up. Default 30,000. */
  readonly timeout?: number | undefined;
}

/**
 * A confirm provider that POSTs `{id, key, hash}` to a route of the page's own server, which asks Kodo (`stat`).
 *
 * A 4xx answer means that the upload is not stored: it rejects with `upload-unknown`, and is not asked again. The
 * exceptions are statuses that may pass (401, 403, 408, 419, 421, 423, 425, 429, 440); they and 5xx are asked again.
 */
export function confirmEndpoint(options: ConfirmEndpointOptions): ConfirmProvider {
  return (request, { signal }) => askForConfirmation(options, request, signal);
}

/** Statuses of 4xx that may pass: none of them says that the upload is not stored. */
const PASSING = [401, 403, 408, 419, 421, 423, 425, 429, 440];

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
  if (status === 429) throw new UploadError('rate-limited', 'The confirm route answered 429.', details);
  if (status >= 400 && status < 500 && !PASSING.includes(status)) {
    throw new UploadError('upload-unknown', `The confirm route answered ${status}.`, details);
  }
  if (status !== 200) {
    throw new UploadError('token-server-error', `The confirm route answered ${status}.`, details);
  }
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new UploadError('token-unreadable', 'The confirm route answered no JSON.', { cause });
  }
}
