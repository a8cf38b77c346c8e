import { KodoError } from '../kodo-error.js';
import { wellFormed } from '../text/well-formed.js';

/** Maximum total size of all metadata names and values, in bytes. */
const MAX_METADATA = 1024;
const PREFIX = 'x-qn-meta-';
/** A `!` before a name turns it into a plain header: `x-qn-meta-!Content-Type`. */
const METADATA_NAME = /^x-qn-meta-!?[A-Za-z0-9_-]{1,50}$/;

/** Upload fields that become headers of the object's downloads. */
const HEADER_FIELDS: Readonly<Record<string, string>> = {
  cacheControl: 'cache-control',
  contentDisposition: 'content-disposition',
  contentEncoding: 'content-encoding',
  contentLanguage: 'content-language',
  expires: 'expires',
};

/** The names of those fields. */
export const HEADER_NAMES: readonly string[] = Object.keys(HEADER_FIELDS);

/**
 * The `x-qn-meta-…` fields of an upload, with a lower-case prefix.
 * Source: https://developer.qiniu.com/kodo/6368/complete-multipart-upload
 *
 * @throws {KodoError} 400 if a name or the total size is too long
 */
export function readMetadata(fields: Iterable<readonly [string, unknown]>): Record<string, string> {
  const metadata = readTexts(fields, PREFIX);
  const isNamed = Object.keys(metadata).every((name) => METADATA_NAME.test(name));
  if (!isNamed || Buffer.byteLength(Object.entries(metadata).flat().join('')) > MAX_METADATA) throw invalid();
  for (const value of Object.values(metadata)) checkText(value);
  return metadata;
}

/** The `x:…` fields of an upload. @throws {KodoError} 400 if a value is not text */
export function readCustomVars(fields: Iterable<readonly [string, unknown]>): Record<string, string> {
  return readTexts(fields, 'x:');
}

/** The headers set by an upload, by lower-case name. @throws {KodoError} 400 */
export function readHeaders(fields: Iterable<readonly [string, unknown]>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of fields) {
    const header = Object.hasOwn(HEADER_FIELDS, name) ? HEADER_FIELDS[name] : undefined;
    if (header === undefined || value === '') continue;
    if (typeof value !== 'string') throw invalid();
    headers[header] = checkText(wellFormed(value));
  }
  return headers;
}

/** @throws {KodoError} 400 if the value is not valid in a header */
export function checkHeader(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw invalid();
  return value;
}

/** Encodes a text for a header: non-ASCII characters are percent-encoded. */
export function toHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, (run) => encodeURIComponent(run));
}

/** @throws {KodoError} 400 for control characters, which are not valid in a header in any encoding */
function checkText(value: string): string {
  if (/\p{Cc}/u.test(value)) throw invalid();
  return value;
}

/** qiniu-js sends numbers unconverted; they become text. */
function readTexts(fields: Iterable<readonly [string, unknown]>, prefix: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of fields) {
    if (!name.toLowerCase().startsWith(prefix)) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') throw invalid();
    texts[`${prefix}${name.slice(prefix.length)}`] = wellFormed(String(value));
  }
  return texts;
}

function invalid(): KodoError {
  return new KodoError(400, 'invalid argument');
}
