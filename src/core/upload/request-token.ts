import type { KnownFile, TokenRequest } from '../token/token-provider.js';
import { isKnownFile, type UploadGrant } from '../token/token-grant.js';
import type { UploadRun } from './upload-run.js';

/**
 * Requests a token, with the upload's ID once the business server has assigned one.
 *
 * @param onHeld called each time a hold of the queue delays the request
 * @throws {UploadError} or the signal's reason if it is aborted
 */
export async function requestToken(
  { file, session, context, signal }: UploadRun,
  onHeld: () => void = () => undefined,
): Promise<UploadGrant | KnownFile> {
  const { name, size, type, path } = file;
  const request: TokenRequest = {
    name,
    size,
    type,
    ...(path === undefined ? {} : { path }),
    ...(session.id === undefined ? {} : { id: session.id }),
  };
  const { providerTimeout: timeout } = context.settings;
  const grant = await context.tokens.get(request, { signal, timeout, onHeld });
  if (!isKnownFile(grant)) session.id = grant.id ?? session.id;
  return grant;
}
