import { fromBase64Segment } from './base64url.js';
import { KodoError } from '../kodo-error.js';

/** A parsed multipart path: `/buckets/<bucket>/objects/<object>/uploads[/<uploadId>[/<partNumber>]]`. */
export interface MultipartPath {
  readonly bucket: string;
  /** The client's key; absent for `~`, empty for an empty segment. */
  readonly key: string | undefined;
  readonly uploadId: string | undefined;
  readonly partNumber: string | undefined;
}

const PATTERN = /^\/buckets\/([^/]+)\/objects\/([^/]*)\/uploads(?:\/([^/]+)(?:\/([^/]+))?)?$/;

/**
 * Parses the path of a multipart call; `undefined` for other paths.
 *
 * @throws {KodoError} 400 if the object name is not base64
 */
export function parseMultipartPath(path: string): MultipartPath | undefined {
  const match = PATTERN.exec(path);
  if (match === null) return undefined;
  const [, bucket = '', object = '', uploadId, partNumber] = match;
  return { bucket: decodePath(bucket), key: decodeObject(object), uploadId, partNumber };
}

/** A bucket and an optional key. */
export interface Entry {
  readonly bucket: string;
  readonly key: string | undefined;
}

/** Parses `b64("<bucket>[:<key>]")`. @throws {KodoError} 400 */
export function parseEntry(segment: string): Entry {
  const entry = fromBase64Segment(segment);
  if (entry === undefined) throw new KodoError(400, 'invalid argument');
  const colon = entry.indexOf(':');
  return colon === -1
    ? { bucket: entry, key: undefined }
    : { bucket: entry.slice(0, colon), key: entry.slice(colon + 1) };
}

/** Decodes a base64 path segment. @throws {KodoError} 400 */
export function decodeSegment(segment: string | undefined): string {
  const text = fromBase64Segment(segment ?? '!'); // not valid base64
  if (text === undefined) throw new KodoError(400, 'invalid argument');
  return text;
}

/** Decodes percent-encoding. @throws {KodoError} 400 */
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
