import type { Response } from 'express';
import type { Logger } from 'pino';
import type { Bucket } from '../qiniu/bucket.js';
import { isImage } from '../qiniu/find-object.js';
import type { Store, StoredUpload } from './store.js';

/**
 * Processes a stored upload after the response has been sent. Add your own processing here, for example thumbnails,
 * moderation or a message to another system. May run more than once for an upload, so it must be idempotent.
 *
 * The demo fetches an image's average color, which its gallery shows until the image has loaded.
 */
export async function followUp(upload: StoredUpload, store: Store, bucket: Bucket): Promise<void> {
  const { id, key, stored_type: type } = upload;
  const color = isImage(type) ? await bucket.averageColor(key) : undefined;
  await store.completeFollowUp(id, { color: color ?? null });
}

/** Maximum number of tasks that run in parallel, so that requests are not slowed down. */
const CONCURRENCY = 4;

/** Maximum number of waiting tasks. The sweeper does the work of tasks beyond that. */
const MAX_WAITING = 1000;

/**
 * Runs work that takes longer than Kodo waits for a response, in this process, after the response has been sent. Work
 * that fails or is interrupted by a crash is repeated by the sweeper.
 */
export class AfterAnswer {
  readonly #logger: Logger;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs the work after the response has been sent, or after the client has disconnected. */
  run(res: Response, work: () => Promise<void>): void {
    res.once('close', () => {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(work);
      this.#startNext();
    });
  }

  /** Discards waiting work, and resolves when running work has finished. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #startNext(): void {
    if (this.#running.size >= CONCURRENCY) return;
    const work = this.#waiting.shift();
    if (work === undefined) return;
    const running = work()
      .catch((error: unknown) => this.#logger.error({ err: error }, 'work after a response failed'))
      .finally(() => {
        this.#running.delete(running);
        this.#startNext();
      });
    this.#running.add(running);
  }
}
