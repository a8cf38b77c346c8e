import { fromBase64Segment } from './base64url.js';
import { KodoError } from '../kodo-error.js';

/** Where a multipart call goes: `/buckets/<bucket>/objects/<object>/uploads[/<uploadId>[/<partNumber>]]`. */
export interface MultipartPath {
  readonly bucket: string;
  /** The client's key; absent for `~`, empty for an empty segment. */
  readonly key: string | undefined;
  readonly uploadId: string | undefined;
  readonly partNumber: string | undefined;
}

const PATTERN = /^\/buckets\/([^/]+)\/objects\/([^/]*)\/uploads(?:\/([^/]+)(?:\/([^/]+))?)?$/;

/**
 * Reads the path of a multipart call; nothing where it is none.
 *
 * @throws {KodoError} 400 where the object's name is not base64
 */
export function parseMultipartPath(path: string): MultipartPath | undefined {
  const match = PATTERN.exec(path);
  if (match === null) return undefined;
  const [, bucket = '', object = '', uploadId, partNumber] = match;
  return { bucket: decodePath(bucket), key: decodeObject(object), uploadId, partNumber };
}

/** A bucket and, where one is named, a key. */
export interface Entry {
  readonly bucket: string;
  readonly key: string | undefined;
}

/** A bucket and a key in one segment, `b64("<bucket>[:<key>]")`. @throws {KodoError} 400 */
export function parseEntry(segment: string): Entry {
  const entry = fromBase64Segment(segment);
  if (entry === undefined) throw new KodoError(400, 'invalid argument');
  const colon = entry.indexOf(':');
  return colon === -1
    ? { bucket: entry, key: undefined }
    : { bucket: entry.slice(0, colon), key: entry.slice(colon + 1) };
}

/** Base64 in a path. @throws {KodoError} 400 */
export function decodeSegment(segment: string | undefined): string {
  const text = fromBase64Segment(segment ?? '!'); // which is not base64
  if (text === undefined) throw new KodoError(400, 'invalid argument');
  return text;
}

/** Undoes percent-encoding. @throws {KodoError} 400 */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new KodoError(400, 'invalid argument');
  }
}

function decodeObject(segment: string): string | undefined {
  if (segment === '~') return undefined;
  return decodeSegment(segment);
}
