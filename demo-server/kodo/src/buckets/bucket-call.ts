import { readSignedBody } from '../management/account-signature.js';
import type { Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { BucketState } from '../store/bucket-store.js';
import { decodePath, decodeSegment } from '../text/object-path.js';

const FORM = 'application/x-www-form-urlencoded';

/** A signed call to the bucket service. */
export interface BucketCall {
  /** Path segments after the call's name. */
  readonly segments: readonly string[];
  /** Query parameters, then form fields. */
  readonly params: URLSearchParams;
  readonly body: string;
}

/** Verifies and reads a signed call. @throws {KodoError} 401 or 403 */
export async function readBucketCall(exchange: Exchange): Promise<BucketCall> {
  const { req, path, search } = exchange;
  const body = await readSignedBody(exchange);
  const form = (req.headers['content-type'] ?? FORM).startsWith(FORM) ? body : '';
  return { segments: path.split('/').slice(1), params: new URLSearchParams(`${search}&${form}`), body };
}

/** The bucket named by a segment or a parameter. @throws {KodoError} 631 */
export function bucketOf({ services, entry }: Exchange, name: string | null | undefined): BucketState {
  entry.bucket = decodePath(name ?? '');
  return services.buckets.require(entry.bucket);
}

/** Parses an integer. @throws {KodoError} 400 */
export function readInteger(text: string | null | undefined, min = -Number.MAX_SAFE_INTEGER): number {
  const value = /^-?\d{1,16}$/.test(text ?? '') ? Number(text) : NaN;
  if (!Number.isSafeInteger(value) || value < min) throw invalid();
  return value;
}

/** Parses a flag, 0 or 1. @throws {KodoError} 400 */
export function readFlag(text: string | null | undefined): 0 | 1 {
  if (text === '1') return 1;
  if (text === '0') return 0;
  throw invalid();
}

/** Decodes the base64 value that follows a name in a path of name/value pairs. */
export function base64After(segments: readonly string[], name: string): string | undefined {
  const at = segments.indexOf(name);
  return at === -1 ? undefined : decodeSegment(segments[at + 1]);
}

export function invalid(): KodoError {
  return new KodoError(400, 'invalid argument');
}
