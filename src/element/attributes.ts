import { warnOnce } from '../core/warn-once.js';

/** Reads attribute values as people write them: never throws, warns once for each value it cannot use. */

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** A size in bytes: a number, or with a unit counted by 1024: `20MB`, `1.5 GiB`, `500k`. */
export function readSize(name: string, value: string | number | null | undefined): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b|byte|bytes)?\s*$/i.exec(String(value)) ?? [];
  if (number !== undefined) return Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
  warnOnce(`${name}="${value}" is no size. Give bytes or a unit, e.g. "20MB". No limit is set.`);
  return undefined;
}

/** A whole number of at least 1, or of another least. */
export function readCount(name: string, value: string | number | null | undefined, least = 1): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= least) return number;
  warnOnce(`${name}="${value}" is no whole number of at least ${least}. It is ignored.`);
  return undefined;
}

/** `post` or `get`. */
export function readMethod(value: string | null | undefined): 'GET' | 'POST' {
  const method = (value ?? '').toUpperCase();
  if (method === 'GET' || method === 'POST') return method;
  if (method !== '') warnOnce(`token-method="${value}" is neither "post" nor "get". "post" is used.`);
  return 'POST';
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

/** Names under which people have put their account's keys into a page. */
export const SECRET_ATTRIBUTES = ['access-key', 'accesskey-id', 'ak', 'secret-key', 'secretkey', 'sk'] as const;

/** Takes a secret out of the page, and says why. */
export function refuseSecret(element: HTMLElement, name: string): void {
  element.removeAttribute(name);
  console.error(
    `<qiniu-uploader>: the attribute "${name}" was removed. Access and secret keys must never be in a page, where ` +
      'everybody can read them; let your server sign upload tokens, and name its route in token-endpoint.',
  );
}
