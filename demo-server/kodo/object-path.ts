import { fromBase64Url } from './base64url.js';
import { KodoError } from './kodo-error.js';

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
  return { bucket: decodeURIComponent(bucket), key: decodeObject(object), uploadId, partNumber };
}

function decodeObject(segment: string): string | undefined {
  if (segment === '~') return undefined;
  // A browser may have percent-encoded the padding.
  const key = fromBase64Url(segment.replaceAll('%3D', '=').replaceAll('%3d', '='));
  if (key === undefined) throw new KodoError(400, 'invalid argument');
  return key;
}
