import { askServer, type ServerHeaders } from './ask-server.js';
import { UploadError } from './upload-error.js';

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
  /** Milliseconds until a silent route is given up. Default 30,000. */
  readonly timeout?: number;
}

/**
 * A confirm provider that POSTs `{id, key, hash}` to a route of the page's own server, which asks Kodo (`stat`).
 *
 * A 4xx answer means that the upload is not stored: it rejects with `upload-unknown`, and is not asked again.
 */
export function confirmEndpoint({ url, headers, timeout = 30_000 }: ConfirmEndpointOptions): ConfirmProvider {
  return async (request, { signal }) => {
    const address = url.replaceAll('{id}', encodeURIComponent(request.id ?? ''));
    const { status, body } = await askServer(
      address,
      { name: 'confirm route', method: 'POST', headers, timeout, json: request },
      signal,
    );
    if (status >= 400 && status < 500 && status !== 429) {
      throw new UploadError('upload-unknown', `The confirm route answered ${status}.`, { status });
    }
    if (status !== 200) {
      throw new UploadError('token-server-error', `The confirm route answered ${status}.`, { status });
    }
    try {
      return JSON.parse(body) as unknown;
    } catch (cause) {
      throw new UploadError('token-unreadable', 'The confirm route answered no JSON.', { cause });
    }
  };
}
