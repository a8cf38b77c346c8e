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
  return `${onDay(dayOf(now.getTime()))}${randomName(fileName)}`;
}

const SAVE_KEY_DAY = '$(year)/$(mon)/$(day)';

/**
 * The same as a policy's `saveKey`, whose day Kodo fills in when the bytes are there. What tells uploads apart is made
 * here: `$(fname)` and `$(ext)` are the client's, and of two uploads of the same bytes `$(etag)` makes one object.
 *
 * Source: https://developer.qiniu.com/kodo/1235/vars
 */
export function newSaveKey(fileName: string): string {
  return `${onDay(SAVE_KEY_DAY)}${randomName(fileName)}`;
}

/** Whether a `saveKey` of ours can have become this key. */
export function isKeyOf(saveKey: string, key: string): boolean {
  const [before = '', after = ''] = saveKey.split(SAVE_KEY_DAY);
  const day = key.slice(before.length, key.length - after.length);
  return key.startsWith(before) && key.endsWith(after) && /^\d{4}\/\d\d\/\d\d$/.test(day);
}

const DAY = 24 * 3600 * 1000;
/** Kodo's days are China's, eight hours ahead of UTC. */
const CHINA = 8 * 3600 * 1000;

/** Every key that a `saveKey` can have become in that time, in milliseconds since 1970; the newest day comes first. */
export function keysOf(saveKey: string, from: number, to: number): readonly string[] {
  const [first, last] = [Math.floor(from / DAY), Math.floor((to + CHINA) / DAY)];
  const days = Array.from({ length: last - first + 1 }, (_, index) => dayOf((last - index) * DAY));
  return days.map((day) => saveKey.replace(SAVE_KEY_DAY, day));
}

function onDay(day: string): string {
  return `uploads/${day}/`;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10).replaceAll('-', '/');
}

function randomName(fileName: string): string {
  return `${randomBytes(16).toString('base64url')}${extensionOf(fileName)}`;
}

function extensionOf(fileName: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? '';
  return EXTENSIONS.has(extension) ? `.${extension}` : '';
}

/** An object's address under its bucket's domain, each segment of the key escaped. */
export function objectUrl(domain: string, key: string): string {
  return `${domain.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
