import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import { keysOf } from './object-key.js';
import type { ObjectFacts, TellingWay, UploadRecord } from '../uploads/store.js';

export interface FindOptions {
  readonly bucket: Bucket;
  readonly logger: Logger;
  readonly toldBy: TellingWay;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** What Kodo holds of an upload, by whichever name its object can have; `undefined` where it holds nothing. */
export async function findObject(
  record: UploadRecord,
  { bucket, logger, toldBy, now = Date.now() }: FindOptions,
): Promise<ObjectFacts | undefined> {
  for (const key of possibleKeys(record, now)) {
    const object = await bucket.stat(key);
    if (object === undefined) continue;
    const { hash, fsize: size, mimeType: type } = object;
    const pixels = isPicture(type) ? await measure(bucket, key, logger) : undefined;
    return { key, hash, size, type, width: pixels?.width ?? null, height: pixels?.height ?? null, toldBy, reqid: null };
  }
  return undefined;
}

/** Whether Kodo can be asked for more of an object of this type than `stat` tells. */
export function isPicture(type: string): boolean {
  return type.startsWith('image/');
}

/**
 * The keys that an upload's object can have: where `saveKey` names it, one for each day on which the bytes can have come,
 * until the end of its token.
 */
export function possibleKeys(record: UploadRecord, now = Date.now()): readonly string[] {
  const { key, save_key: saveKey, issued_at: from, expires_at: to } = record;
  if (key !== null) return [key];
  return saveKey === null ? [] : keysOf(saveKey, from, Math.min(now, to));
}

/** A picture whose size cannot be told now is stored all the same. */
async function measure(bucket: Bucket, key: string, logger: Logger): ReturnType<Bucket['imageSize']> {
  try {
    return await bucket.imageSize(key);
  } catch (error) {
    logger.warn({ err: error, key }, 'a picture could not be measured');
    return undefined;
  }
}
