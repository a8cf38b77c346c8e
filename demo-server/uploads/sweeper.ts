import { findObject, possibleKeys } from '../qiniu/find-object.js';
import { followUp } from './follow-up.js';
import { mustDiscard, ownerOf, recordUpload } from './record-upload.js';
import type { Services } from '../services.js';
import type { StoredUpload, UploadRecord } from './store.js';

type Tools = Pick<Services, 'store' | 'bucket' | 'logger' | 'settings'>;

export interface SweeperOptions extends Tools {
  /** Milliseconds between two rounds. Default: one minute. */
  readonly interval?: number;
}

/** Milliseconds after the token's expiry in which an upload's callback may still arrive. */
export const GRACE = 10 * 60_000;

/** Milliseconds in which the instance that recorded an upload completes its follow-up itself. */
const FOLLOW_UP_DELAY = 60_000;

/** Milliseconds after which a follow-up is no longer retried. */
const FOLLOW_UP_LIMIT = 24 * 3_600_000;

/** Milliseconds after the token's expiry for which the record of an expired upload is kept. */
const KEEP_EXPIRED = 24 * 3_600_000;

/** Number of records that are read at a time. */
const BATCH = 100;
/** Number of records that are processed in parallel. */
const CONCURRENCY = 8;

/**
 * Periodically processes uploads whose token has expired: records objects that Kodo has stored but not reported, marks
 * the other uploads as expired, and removes deleted and expired records. Also completes follow-ups that did not run
 * after the response.
 *
 * Each round continues until nothing is overdue. Several instances may sweep one database, because every step is
 * idempotent.
 *
 * @returns a function that stops the sweeper and waits for uploads in progress
 */
export function startSweeper({ interval = 60_000, ...tools }: SweeperOptions): () => Promise<void> {
  const stopping = new AbortController();
  let round = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return; // the previous round is still running
    isRunning = true;
    round = sweep(tools, Date.now(), stopping.signal)
      .catch((error: unknown) => {
        tools.logger.error({ err: error }, 'sweep failed; retrying in the next round');
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
 * Runs one round.
 *
 * @param now milliseconds since 1970
 * @param signal stops the round after the uploads in progress
 */
export async function sweep(tools: Tools, now = Date.now(), signal?: AbortSignal): Promise<void> {
  const { store, bucket, logger } = tools;
  const before = now - GRACE;
  const isStopped = (): boolean => signal?.aborted ?? false;

  for await (const batch of batches((after: UploadRecord | undefined) => store.findOverdue(before, BATCH, after))) {
    await forEach(batch, (record) =>
      runStep(record, tools, () => (record.status === 'deleted' ? remove(record) : recordOrExpire(record))),
    );
  }
  while (!isStopped() && (await store.purge(now - KEEP_EXPIRED, BATCH)) === BATCH);
  await store.purgeLimits(now);
  const followUpBefore = now - FOLLOW_UP_DELAY;
  for await (const batch of batches((after: StoredUpload | undefined) =>
    store.findPendingFollowUps(followUpBefore, BATCH, after),
  )) {
    await forEach(batch, async (upload) => {
      if (upload.stored_at < now - FOLLOW_UP_LIMIT) {
        await store.completeFollowUp(upload.id, { color: null });
        logger.error({ uploadId: upload.id }, 'follow-up failed repeatedly and is no longer retried');
      } else await runStep(upload, tools, () => followUp(upload, store, bucket));
    });
  }

  /** Records the object if Kodo has it, otherwise marks the upload as expired. */
  async function recordOrExpire(record: UploadRecord): Promise<void> {
    const facts = await findObject(record, { bucket, logger, reportedBy: 'sweep', now });
    if (facts === undefined) await store.expire(record.id, before);
    else {
      try {
        await recordUpload(tools, record.id, ownerOf(record), facts);
      } catch (error) {
        if (!mustDiscard(error)) throw error;
        await remove(record);
      }
    }
  }

  /** Deletes the object once more: the token could still store it after the upload was deleted. */
  async function remove(record: UploadRecord): Promise<void> {
    for (const key of possibleKeys(record, now)) await bucket.delete(key);
    await store.deleteEnded(record.id, before);
  }

  /** Continues after the last record of each batch, so that records that fail repeatedly do not block the others. */
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
      Array.from({ length: CONCURRENCY }, async () => {
        for (let item = rest.shift(); item !== undefined && !isStopped(); item = rest.shift()) await work(item);
      }),
    );
  }
}

async function runStep({ id, status }: UploadRecord, { logger }: Tools, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    logger.info({ uploadId: id, status }, 'processed an overdue upload');
  } catch (error) {
    logger.error(
      { err: error, uploadId: id, status },
      'could not process an overdue upload; retrying in the next round',
    );
  }
}
