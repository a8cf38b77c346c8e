import { UploadError } from '../items/upload-error.js';

/**
 * Converts an up host to an origin; a bare host means https.
 *
 * @throws {UploadError} `bad-request` if it is not an http(s) host
 */
export function toOrigin(host: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `https://${host}`;
  try {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url.origin;
  } catch {
    // reported below
  }
  throw new UploadError(
    'bad-request',
    `"${host}" is not a valid up host. Use a host or an origin, e.g. "https://upload.qiniup.com".`,
  );
}
