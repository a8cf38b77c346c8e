import { UploadError } from '../items/upload-error.js';

/**
 * An up host as an origin: a bare host means https.
 *
 * @throws {UploadError} `bad-request` when it is no http(s) host
 */
export function toOrigin(host: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `https://${host}`;
  try {
    const url = new URL(text);
    if (url.protocol === 'https:' || url.protocol === 'http:') return url.origin;
  } catch {
    // named below
  }
  throw new UploadError(
    'bad-request',
    `"${host}" is no up host. Give a host or an origin, e.g. "https://upload.qiniup.com".`,
  );
}
