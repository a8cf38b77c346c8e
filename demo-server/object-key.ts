import { randomBytes } from 'node:crypto';

/** Longest extension that is kept. */
const MAX_EXTENSION = 10;

/**
 * A fresh key that nobody can guess: the day, 128 random bits, and of the file's name nothing but a plain extension.
 *
 * @example `uploads/2026/01/31/6sJ0…Qw.jpg`
 */
export function newObjectKey(fileName: string, now = new Date()): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
  return `uploads/${day}/${randomBytes(16).toString('base64url')}${extensionOf(fileName)}`;
}

function extensionOf(fileName: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return extension === '' || extension.length > MAX_EXTENSION ? '' : `.${extension}`;
}

/** An object's address under its bucket's domain, each segment of the key escaped. */
export function objectUrl(domain: string, key: string): string {
  return `${domain.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
