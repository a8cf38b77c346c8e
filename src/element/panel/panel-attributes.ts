import type { ServerCredentials } from '../../core/net/ask-server.js';
import type { CompressSettings, ImageSize } from '../../core/files/images/image-rules.js';
import { warnOnce } from '../../core/shared/warn-once.js';

/** Attribute values that only the panel reads, as people write them: never throws, warns once for each it cannot use. */

/** `post` or `get`. */
export function readMethod(value: string | null | undefined): 'GET' | 'POST' {
  const method = (value ?? '').toUpperCase();
  if (method === 'GET' || method === 'POST') return method;
  if (method !== '') warnOnce(`token-method="${value}" is neither "post" nor "get". "post" is used.`);
  return 'POST';
}

/** `same-origin`, `include` or `omit`. */
export function readCredentials(value: string | null | undefined): ServerCredentials {
  if (value === 'same-origin' || value === 'include' || value === 'omit') return value;
  if (value)
    warnOnce(`token-credentials="${value}" is none of "same-origin", "include", "omit". "same-origin" is used.`);
  return 'same-origin';
}

/** How the list looks: lines of text, rows with a picture, or cards. */
export type ListType = 'text' | 'picture' | 'picture-card';

/** `text`, `picture` or `picture-card`. */
export function readListType(value: string | null | undefined): ListType {
  if (value === 'text' || value === 'picture' || value === 'picture-card') return value;
  if (value) warnOnce(`list-type="${value}" is none of "text", "picture", "picture-card", "none". "picture" is used.`);
  return 'picture';
}

/** Origins separated by spaces or commas; those that are none are left out. */
export function readHosts(value: string | null | undefined, toOrigin: (host: string) => string): readonly string[] {
  return (value ?? '').split(/[\s,]+/).flatMap((host) => {
    if (host === '') return [];
    try {
      return [toOrigin(host)];
    } catch {
      warnOnce(`up-host="${host}" is no host. Give e.g. "https://upload.qiniup.com". It is ignored.`);
      return [];
    }
  });
}

/** Pixels: `200x300`; a side that does not matter is left out: `200x`. */
export function readPixels(name: string, value: string | null | undefined): Partial<ImageSize> | undefined {
  if (!value) return undefined;
  const [text, width = '', height = ''] = /^\s*(\d*)\s*[x×]\s*(\d*)\s*$/i.exec(value) ?? [];
  if (text === undefined || (width === '' && height === '')) {
    warnOnce(`${name}="${value}" is no size of a picture. Give pixels, e.g. "200x200". It is ignored.`);
    return undefined;
  }
  return { ...(width === '' ? {} : { width: Number(width) }), ...(height === '' ? {} : { height: Number(height) }) };
}

/** Greatest pixels and a quality of 0 to 1, in this order, each of which can be left out: `1920x1920 0.8`. */
export function readCompress(value: string | CompressSettings | null | undefined): CompressSettings | undefined {
  if (value === undefined || value === null || typeof value === 'object') return value ?? undefined;
  const [text, pixels, quality] = /^\s*(\S*[x×]\S*)?\s*(0?\.\d+|0|1|1\.0+)?\s*$/i.exec(value) ?? [];
  if (text === undefined) {
    warnOnce(`compress="${value}" is neither pixels nor a quality. Give e.g. "1920x1920 0.8". It is ignored.`);
    return undefined;
  }
  const { width, height } = readPixels('compress', pixels) ?? {};
  return { maxWidth: width, maxHeight: height, ...(quality === undefined ? {} : { quality: Number(quality) }) };
}
