import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import { factsOf, ownerOf, recordUpload } from './record-upload.js';
import type { Store } from './store.js';

export interface SweeperOptions {
  readonly store: Store;
  readonly bucket: Bucket;
  readonly logger: Logger;
  /** Milliseconds between two rounds. Default a minute. */
  readonly interval?: number;
}

/** Milliseconds after its token's end in which an upload's callback may still come. */
const GRACE = 10 * 60_000;

/** Uploads that are looked at in a round. */
const AT_ONCE = 100;

/**
 * Looks after uploads whose token has ended: records what Kodo has and nobody told, and expires what it has not.
 *
 * Several instances may sweep one database: each step is done once, or is the same done twice.
 *
 * @returns what stops it, when the round that runs is over
 */
export function startSweeper({ interval = 60_000, ...options }: SweeperOptions): () => Promise<void> {
  let round = Promise.resolve();
  const timer = setInterval(() => {
    round = round
      .then(() => sweep(options))
      .then(undefined, (error: unknown) => {
        options.logger.error({ err: error }, 'sweeping failed; the next round tries again');
      });
  }, interval);
  timer.unref();
  return () => {
    clearInterval(timer);
    return round;
  };
}

/** One round. */
export async function sweep(
  { store, bucket, logger }: Pick<SweeperOptions, 'store' | 'bucket' | 'logger'>,
  now = Date.now(),
): Promise<void> {
  const before = now - GRACE;
  for (const record of await store.findOverdue(before, AT_ONCE)) {
    const { id, key } = record;
    try {
      // Where saveKey named the object, only its callback says how.
      const object = key === null ? undefined : await bucket.stat(key);
      if (key === null || object === undefined) await store.expire(id, before);
      else await recordUpload(store, id, ownerOf(record), factsOf(key, object, 'sweep'), logger);
      logger.info({ uploadId: id, isStored: object !== undefined }, 'an overdue upload was looked after');
    } catch (error) {
      logger.error(
        { err: error, uploadId: id },
        'an overdue upload could not be looked after; the next round tries again',
      );
    }
  }
}
