import { fromBase64Segment } from '../text/base64url.js';
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

/** A bucket and a key in one segment, `b64("<bucket>:<key>")`. @throws {KodoError} 400 */
export function parseEntry(segment: string): { readonly bucket: string; readonly key: string } {
  const entry = fromBase64Segment(segment);
  const colon = entry?.indexOf(':') ?? -1;
  if (entry === undefined || colon === -1) throw new KodoError(400, 'invalid argument');
  return { bucket: entry.slice(0, colon), key: entry.slice(colon + 1) };
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
  const key = fromBase64Segment(segment);
  if (key === undefined) throw new KodoError(400, 'invalid argument');
  return key;
}
