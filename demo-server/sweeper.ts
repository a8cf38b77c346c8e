import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import { findObject, possibleKeys } from './find-object.js';
import { followUp } from './follow-up.js';
import { ownerOf, recordUpload } from './record-upload.js';
import type { Store, UploadRecord } from './store.js';

export interface SweeperOptions {
  readonly store: Store;
  readonly bucket: Bucket;
  readonly logger: Logger;
  /** Milliseconds between two rounds. Default a minute. */
  readonly interval?: number;
}

/** Milliseconds after its token's end in which an upload's callback may still come. */
export const GRACE = 10 * 60_000;

/** Milliseconds in which what follows an answer is done by whoever gave it. */
const FOLLOW_UP_TIME = 60_000;

/** Milliseconds after which what follows an answer is given up. */
const FOLLOW_UP_LIMIT = 24 * 3_600_000;

/** Uploads that are looked at in a round; what follows an answer may take long. */
const AT_ONCE = 100;
const FOLLOW_UPS_AT_ONCE = 20;

/**
 * Looks after uploads that nobody else does: of those whose token has ended it records what Kodo has and nobody told,
 * expires what it has not, and removes what was deleted for good; and it does what was not done after an answer.
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

type Tools = Pick<SweeperOptions, 'store' | 'bucket' | 'logger'>;

/** One round. */
export async function sweep(tools: Tools, now = Date.now()): Promise<void> {
  const { store, bucket, logger } = tools;
  const before = now - GRACE;
  for (const record of await store.findOverdue(before, AT_ONCE)) {
    await lookAfter(record, logger, () => (record.status === 'deleted' ? remove(record) : settle(record)));
  }
  for (const upload of await store.findUnfollowed(now - FOLLOW_UP_TIME, FOLLOW_UPS_AT_ONCE)) {
    if (upload.stored_at < now - FOLLOW_UP_LIMIT) {
      await store.followUp(upload.id, { color: null });
      logger.error({ uploadId: upload.id }, 'what follows an answer never succeeded, and is given up');
    } else await lookAfter(upload, logger, () => followUp(upload, store, bucket));
  }

  async function settle(record: UploadRecord): Promise<void> {
    const facts = await findObject(record, { bucket, logger, toldBy: 'sweep', now });
    if (facts === undefined) await store.expire(record.id, before);
    else await recordUpload(store, record.id, ownerOf(record), facts, logger);
  }

  /** Its token was good for a while after it was deleted. */
  async function remove(record: UploadRecord): Promise<void> {
    for (const key of possibleKeys(record, now)) await bucket.delete(key);
    await store.delete(record.id);
  }
}

async function lookAfter({ id, status }: UploadRecord, logger: Logger, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    logger.info({ uploadId: id, status }, 'an upload was looked after');
  } catch (error) {
    logger.error(
      { err: error, uploadId: id, status },
      'an upload could not be looked after; the next round tries again',
    );
  }
}
