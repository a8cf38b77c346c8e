import { createHmac } from 'node:crypto';
import { objectUrl } from './object-key.js';
import type { UploadSettings } from '../uploads/upload-settings.js';

/** Seconds that a signed address is good for at least; it stays the same for as long, so that browsers can cache it. */
const LIFETIME = 3600;

/**
 * Where an object can be fetched: signed where the bucket is private.
 *
 * @param command data processing, e.g. `imageInfo`; it is signed with the rest
 *
 * Source: https://developer.qiniu.com/kodo/1202/download-token
 */
export function downloadUrl(settings: UploadSettings, key: string, now = Date.now(), command?: string): string {
  const address = objectUrl(settings.domain, key);
  const url = command === undefined ? address : `${address}?${command}`;
  if (!settings.isPrivate) return url;
  const deadline = (Math.floor(now / 1000 / LIFETIME) + 2) * LIFETIME;
  const signed = `${url}${command === undefined ? '?' : '&'}e=${deadline}`;
  const signature = createHmac('sha1', settings.secretKey).update(signed).digest('base64');
  return `${signed}&token=${settings.accessKey}:${signature.replaceAll('+', '-').replaceAll('/', '_')}`;
}
