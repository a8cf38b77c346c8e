import { warnOnce } from '../core/shared/warn-once.js';

/** Parsers for attribute values. They never throw; an invalid value causes one console warning. */

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Parses a size in bytes: a number, optionally with a unit based on 1024: `20MB`, `1.5 GiB`, `500k`. */
export function readSize(name: string, value: string | number | null | undefined): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b|byte|bytes)?\s*$/i.exec(String(value)) ?? [];
  if (number !== undefined) return Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? 1));
  warnOnce(`${name}="${value}" is not a valid size. Use bytes or a unit, e.g. "20MB". No limit is applied.`);
  return undefined;
}

/** Parses an integer not less than `min`. */
export function readCount(name: string, value: string | number | null | undefined, min = 1): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= min) return number;
  warnOnce(`${name}="${value}" must be an integer of at least ${min}. The value is ignored.`);
  return undefined;
}

/** Attribute names that pages have used for account keys. */
export const SECRET_ATTRIBUTES = ['access-key', 'accesskey-id', 'ak', 'secret-key', 'secretkey', 'sk'] as const;

/** Removes a secret from the page and logs an error. */
export function removeSecret(element: HTMLElement, name: string): void {
  element.removeAttribute(name);
  console.error(
    `<qiniu-uploader>: the attribute "${name}" was removed. Never put access or secret keys in a page, where anyone ` +
      'can read them. Sign upload tokens on your server and set token-endpoint to its route.',
  );
}
