import type { ServerHeaders } from './ask-server.js';
import { loadEngine } from './load-engine.js';

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
export function confirmEndpoint(options: ConfirmEndpointOptions): ConfirmProvider {
  return async (request, { signal }) => {
    const { askForConfirmation } = await loadEngine();
    return askForConfirmation(options, request, signal);
  };
}
