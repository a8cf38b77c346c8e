import { findObject, possibleKeys } from '../qiniu/find-object.js';
import { followUp } from './follow-up.js';
import { isUnwanted, ownerOf, recordUpload } from './record-upload.js';
import type { Services } from '../services.js';
import type { StoredUpload, UploadRecord } from './store.js';

type Tools = Pick<Services, 'store' | 'bucket' | 'logger' | 'settings'>;

export interface SweeperOptions extends Tools {
  /** Milliseconds between two rounds. Default a minute. */
  readonly interval?: number;
}

/** Milliseconds after its token's end in which an upload's callback may still come. */
export const GRACE = 10 * 60_000;

/** Milliseconds in which the follow-up of an answer is done by whoever gave it. */
const FOLLOW_UP_TIME = 60_000;

/** Milliseconds after which a follow-up is given up. */
const FOLLOW_UP_LIMIT = 24 * 3_600_000;

/** Milliseconds after its token's end for which the record of an expired upload is kept. */
const KEEP_EXPIRED = 24 * 3_600_000;

/** Records that are read at once, and worked on at once. */
const BATCH = 100;
const AT_ONCE = 8;

/**
 * Looks after uploads that no request does: of those whose token has ended it records what Kodo holds and has not
 * reported, expires the others, and removes for good what was deleted or expired long ago; and it does follow-ups that
 * were not done after an answer.
 *
 * Each round goes on until nothing is overdue. Several instances may sweep one database: each step is done once, or the
 * same is done twice.
 *
 * @returns what stops it after the uploads that are being worked on
 */
export function startSweeper({ interval = 60_000, ...tools }: SweeperOptions): () => Promise<void> {
  const stopping = new AbortController();
  let round = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return; // a long round is not joined by another
    isRunning = true;
    round = sweep(tools, Date.now(), stopping.signal)
      .catch((error: unknown) => {
        tools.logger.error({ err: error }, 'sweeping failed; the next round tries again');
      })
      .finally(() => (isRunning = false));
  }, interval);
  timer.unref();
  return () => {
    clearInterval(timer);
    stopping.abort();
    return round;
  };
}

/**
 * One round.
 *
 * @param now milliseconds since 1970
 * @param signal ends the round after the uploads that are being worked on
 */
export async function sweep(tools: Tools, now = Date.now(), signal?: AbortSignal): Promise<void> {
  const { store, bucket, logger } = tools;
  const before = now - GRACE;
  const isStopped = (): boolean => signal?.aborted ?? false;

  for await (const batch of batches((after: UploadRecord | undefined) => store.findOverdue(before, BATCH, after))) {
    await forEach(batch, (record) =>
      lookAfter(record, tools, () => (record.status === 'deleted' ? remove(record) : settle(record))),
    );
  }
  while (!isStopped() && (await store.purge(now - KEEP_EXPIRED, BATCH)) === BATCH);
  await store.purgeLimits(now);
  const unfollowed = now - FOLLOW_UP_TIME;
  for await (const batch of batches((after: StoredUpload | undefined) =>
    store.findUnfollowed(unfollowed, BATCH, after),
  )) {
    await forEach(batch, async (upload) => {
      if (upload.stored_at < now - FOLLOW_UP_LIMIT) {
        await store.followUp(upload.id, { color: null });
        logger.error({ uploadId: upload.id }, 'the follow-up of an answer never succeeded, and is given up');
      } else await lookAfter(upload, tools, () => followUp(upload, store, bucket));
    });
  }

  async function settle(record: UploadRecord): Promise<void> {
    const facts = await findObject(record, { bucket, logger, toldBy: 'sweep', now });
    if (facts === undefined) await store.expire(record.id, before);
    else {
      try {
        await recordUpload(tools, record.id, ownerOf(record), facts);
      } catch (error) {
        if (!isUnwanted(error)) throw error;
        await remove(record);
      }
    }
  }

  /** Its token was good for a while after it was deleted. */
  async function remove(record: UploadRecord): Promise<void> {
    for (const key of possibleKeys(record, now)) await bucket.delete(key);
    await store.deleteEnded(record.id, before);
  }

  /** Reads on behind the last record, so that one that fails again and again holds up none after it. */
  async function* batches<Record>(
    read: (after: Record | undefined) => Promise<readonly Record[]>,
  ): AsyncGenerator<readonly Record[]> {
    let last: Record | undefined;
    while (!isStopped()) {
      const batch = await read(last);
      if (batch.length > 0) yield batch;
      if (batch.length < BATCH) return;
      last = batch.at(-1);
    }
  }

  async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
    const rest = [...items];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let item = rest.shift(); item !== undefined && !isStopped(); item = rest.shift()) await work(item);
      }),
    );
  }
}

async function lookAfter({ id, status }: UploadRecord, { logger }: Tools, work: () => Promise<void>): Promise<void> {
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
