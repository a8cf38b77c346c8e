import { randomBytes } from 'node:crypto';

/** Extensions that are kept: of what browsers show or save. None of what they would run, such as `html` or `svg`. */
const EXTENSIONS = new Set(
  (
    'avif bmp gif heic heif jpeg jpg png tif tiff webp aac flac m4a mp3 oga ogg opus wav avi flv m4v mkv mov mp4 mpeg ' +
    'ogv webm csv doc docx json key md numbers odp ods odt pages pdf ppt pptx rtf txt xls xlsx 7z bz2 gz rar tar zip bin'
  ).split(' '),
);

/**
 * A fresh key that nobody can guess: the day, 128 random bits, and of the file's name nothing but a known extension.
 *
 * @example `uploads/2026/01/31/6sJ0…Qw.jpg`
 */
export function newObjectKey(fileName: string, now = new Date()): string {
  const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
  return `uploads/${day}/${randomBytes(16).toString('base64url')}${extensionOf(fileName)}`;
}

function extensionOf(fileName: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return EXTENSIONS.has(extension) ? `.${extension}` : '';
}

/** An object's address under its bucket's domain, each segment of the key escaped. */
export function objectUrl(domain: string, key: string): string {
  return `${domain.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
