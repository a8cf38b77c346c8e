import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import { keysOf } from './object-key.js';
import type { ObjectFacts, ReportSource, UploadRecord } from '../uploads/store.js';

export interface FindOptions {
  readonly bucket: Bucket;
  readonly logger: Logger;
  readonly reportedBy: ReportSource;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** Looks up an upload's object in Kodo under every key that it can have. Returns `undefined` if there is none. */
export async function findObject(
  record: UploadRecord,
  { bucket, logger, reportedBy, now = Date.now() }: FindOptions,
): Promise<ObjectFacts | undefined> {
  for (const key of possibleKeys(record, now)) {
    const object = await bucket.stat(key);
    if (object === undefined) continue;
    const { hash, fsize: size, mimeType: type } = object;
    const pixels = isImage(type) ? await measure(bucket, key, logger) : undefined;
    const { width = null, height = null } = pixels ?? {};
    return { key, hash, size, type, width, height, reportedBy, reqid: null };
  }
  return undefined;
}

/** Whether Kodo can provide image information about an object of this type. */
export function isImage(type: string): boolean {
  return type.startsWith('image/');
}

/**
 * Returns the keys that an upload's object can have. If `saveKey` names it, that is one key for each day on which the
 * file can have been stored, up to the expiry of its token.
 */
export function possibleKeys(record: UploadRecord, now = Date.now()): readonly string[] {
  const { key, save_key: saveKey, issued_at: from, expires_at: to } = record;
  if (key !== null) return [key];
  return saveKey === null ? [] : keysOf(saveKey, from, Math.min(now, to));
}

/** An image is recorded even if its size cannot be determined now. */
async function measure(bucket: Bucket, key: string, logger: Logger): ReturnType<Bucket['imageSize']> {
  try {
    return await bucket.imageSize(key);
  } catch (error) {
    logger.warn({ err: error, key }, 'could not determine the size of an image');
    return undefined;
  }
}
