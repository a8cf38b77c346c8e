import { askServer } from './ask-server.js';
import type { ConfirmEndpointOptions, ConfirmRequest } from './confirm-endpoint.js';
import { UploadError } from './upload-error.js';

/** Asks a confirm route. */
export async function askForConfirmation(
  { url, headers, timeout = 30_000 }: ConfirmEndpointOptions,
  request: ConfirmRequest,
  signal: AbortSignal,
): Promise<unknown> {
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
}
