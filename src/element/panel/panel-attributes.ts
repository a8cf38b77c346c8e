import type { ServerCredentials } from '../../core/net/ask-server.js';
import type { CompressSettings } from '../../core/files/images/image-rules.js';
import type { ImageSize } from '../../core/items/reject-reason.js';
import { warnOnce } from '../../core/shared/warn-once.js';

/** Parsers for attribute values that only the panel reads. They never throw; an invalid value causes one console warning. */

/** Parses `post` or `get`. */
export function readMethod(value: string | null | undefined): 'GET' | 'POST' {
  const method = (value ?? '').toUpperCase();
  if (method === 'GET' || method === 'POST') return method;
  if (method !== '') warnOnce(`token-method="${value}" must be "post" or "get". Using "post".`);
  return 'POST';
}

/** Parses `same-origin`, `include` or `omit`. */
export function readCredentials(value: string | null | undefined): ServerCredentials {
  if (value === 'same-origin' || value === 'include' || value === 'omit') return value;
  if (value) warnOnce(`token-credentials="${value}" must be "same-origin", "include" or "omit". Using "same-origin".`);
  return 'same-origin';
}

/** List layout: rows of text, rows with a thumbnail, or cards. */
export type ListType = 'text' | 'picture' | 'picture-card';

/** Parses `text`, `picture` or `picture-card`. */
export function readListType(value: string | null | undefined): ListType {
  if (value === 'text' || value === 'picture' || value === 'picture-card') return value;
  if (value) warnOnce(`list-type="${value}" must be "text", "picture", "picture-card" or "none". Using "picture".`);
  return 'picture';
}

/** Parses origins separated by spaces or commas; skips invalid ones. */
export function readHosts(value: string | null | undefined, toOrigin: (host: string) => string): readonly string[] {
  return (value ?? '').split(/[\s,]+/).flatMap((host) => {
    if (host === '') return [];
    try {
      return [toOrigin(host)];
    } catch {
      warnOnce(`up-host="${host}" is not a valid host. Use e.g. "https://upload.qiniup.com". The value is ignored.`);
      return [];
    }
  });
}

/** Parses dimensions in pixels: `200x300`. Either side can be omitted: `200x`. */
export function readPixels(name: string, value: string | null | undefined): Partial<ImageSize> | undefined {
  if (!value) return undefined;
  const [text, width = '', height = ''] = /^\s*(\d*)\s*[x×]\s*(\d*)\s*$/i.exec(value) ?? [];
  if (text === undefined || (width === '' && height === '')) {
    warnOnce(`${name}="${value}" is not a valid image size. Use pixels, e.g. "200x200". The value is ignored.`);
    return undefined;
  }
  return { ...(width === '' ? {} : { width: Number(width) }), ...(height === '' ? {} : { height: Number(height) }) };
}

/** Parses maximum dimensions in pixels and a quality from 0 to 1, both optional, in this order: `1920x1920 0.8`. */
export function readCompress(value: string | CompressSettings | null | undefined): CompressSettings | undefined {
  if (value === undefined || value === null || typeof value === 'object') return value ?? undefined;
  const [text, pixels, quality] = /^\s*(\S*[x×]\S*)?\s*(0?\.\d+|0|1|1\.0+)?\s*$/i.exec(value) ?? [];
  if (text === undefined) {
    warnOnce(`compress="${value}" is not valid. Use pixels and a quality, e.g. "1920x1920 0.8". The value is ignored.`);
    return undefined;
  }
  const { width, height } = readPixels('compress', pixels) ?? {};
  return { maxWidth: width, maxHeight: height, ...(quality === undefined ? {} : { quality: Number(quality) }) };
}
