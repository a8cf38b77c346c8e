import type { AbandonedUpload } from '../transport/transport.js';

/** Timeout of the request in milliseconds. */
const TIMEOUT = 10_000;

/**
 * Deletes the parts of a multipart upload. Ignores failures, because Kodo deletes the parts itself after some days.
 *
 * Source: https://developer.qiniu.com/kodo/6367/abort-multipart-upload
 */
export async function abandonParts({ token, key, policy, host, stored }: AbandonedUpload): Promise<void> {
  const object = key === undefined ? '~' : toBase64Url(key);
  const url = `${host}/buckets/${encodeURIComponent(policy.bucket)}/objects/${object}/uploads/${stored.uploadId}`;
  try {
    await fetch(url, {
      method: 'DELETE',
      headers: { authorization: `UpToken ${token.current}` },
      keepalive: true, // the page may be unloading
      signal: AbortSignal.timeout(TIMEOUT),
    });
  } catch {
    // see above
  }
}

function toBase64Url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
