import { fromBase64Segment } from './base64url.js';
import { KodoError } from '../kodo-error.js';
import { decodePath } from './object-path.js';

/** Fields whose values are not encoded in base64. */
const PLAIN: readonly string[] = ['crc32', 'fsize', 'customer', 'rotate'];

/**
 * Parses the fields in an upload's path: pairs of a name and a base64 value, in any order, as in
 * `/key/<b64>/x:note/<b64>`.
 *
 * @throws {KodoError} 400
 */
export function readPathFields(segments: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index < segments.length; index += 2) {
    const sent = decodePath(segments[index] ?? '');
    // Older official iOS SDKs send it in lower case.
    const name = sent === 'mimetype' ? 'mimeType' : sent;
    const text = segments[index + 1] ?? '!'; // not valid base64
    const value = PLAIN.includes(name) ? text : fromBase64Segment(text);
    if (value === undefined) throw new KodoError(400, 'invalid argument');
    fields.set(name, value);
  }
  return fields;
}

/** Parses a decimal size. @throws {KodoError} 400 */
export function readSize(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new KodoError(400, 'invalid argument');
  return Number(text);
}

/**
 * Parses options at the end of a path: pairs of a name and an undecoded value. A name without a value, as the PHP
 * SDK sends it, is ignored.
 *
 * @throws {KodoError} 400
 */
export function readOptions(segments: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let index = 0; index + 1 < segments.length; index += 2) {
    options.set(decodePath(segments[index] ?? ''), segments[index + 1] ?? '');
  }
  return options;
}
