import { randomBytes } from 'node:crypto';

/** Extensions that are kept. Types that browsers execute, such as `html` and `svg`, are excluded. */
const EXTENSIONS = new Set(
  (
    'avif bmp gif heic heif jpeg jpg png tif tiff webp aac flac m4a mp3 oga ogg opus wav avi flv m4v mkv mov mp4 mpeg ' +
    'ogv webm csv doc docx json key md numbers odp ods odt pages pdf ppt pptx rtf txt xls xlsx 7z bz2 gz rar tar zip bin'
  ).split(' '),
);

/**
 * Creates an unguessable key from the date, 128 random bits and, of the file's name, only a known extension.
 *
 * @example `uploads/2026/01/31/6sJ0…Qw.jpg`
 */
export function newObjectKey(fileName: string, now = new Date()): string {
  return `${onDay(dayOf(now.getTime()))}${randomName(fileName)}`;
}

const SAVE_KEY_DAY = '$(year)/$(mon)/$(day)';

/**
 * Creates the same as a policy's `saveKey`, in which Kodo fills in the date when the file is stored. The unique part is
 * generated here, because `$(fname)` and `$(ext)` come from the client, and `$(etag)` would store two uploads of the
 * same content as one object.
 *
 * Source: https://developer.qiniu.com/kodo/1235/vars
 */
export function newSaveKey(fileName: string): string {
  return `${onDay(SAVE_KEY_DAY)}${randomName(fileName)}`;
}

/** Whether Kodo can have created this key from a `saveKey` of ours. */
export function isKeyOf(saveKey: string, key: string): boolean {
  const [before = '', after = ''] = saveKey.split(SAVE_KEY_DAY);
  const day = key.slice(before.length, key.length - after.length);
  return key.startsWith(before) && key.endsWith(after) && /^\d{4}\/\d\d\/\d\d$/.test(day);
}

const DAY = 24 * 3600 * 1000;
/** Kodo uses dates in China Standard Time, eight hours ahead of UTC. */
const CHINA = 8 * 3600 * 1000;

/**
 * Returns every key that Kodo can have created from a `saveKey` in a period, newest date first.
 *
 * @param from milliseconds since 1970
 * @param to milliseconds since 1970
 */
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

/** Returns an object's URL under its bucket's domain, with each segment of the key escaped. */
export function objectUrl(domain: string, key: string): string {
  return `${domain.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
