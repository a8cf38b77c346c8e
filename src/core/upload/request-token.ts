import type { KnownFile, TokenRequest } from '../token/token-endpoint.js';
import { isKnownFile, type UploadGrant } from '../token/token-grant.js';
import type { UploadRun } from './upload-run.js';

/**
 * Requests a token: for this very upload, once the business server has named it.
 *
 * @param onHeld called whenever a hold of the queue makes the request wait
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
