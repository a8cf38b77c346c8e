import { createHmac } from 'node:crypto';
import { objectUrl } from './object-key.js';
import type { UploadSettings } from '../uploads/upload-settings.js';

/**
 * Minimum validity of a signed URL, in seconds. The URL also stays the same for this time, so browsers can cache it.
 */
const LIFETIME = 3600;

/**
 * Returns the URL of an object, signed if the bucket is private.
 *
 * @param command data-processing command, e.g. `imageInfo`; part of the signed URL
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
