import { warnOnce } from '../core/shared/warn-once.js';

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
