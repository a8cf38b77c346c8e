import type { Response } from 'express';
import type { Logger } from 'pino';
import type { Bucket } from '../qiniu/bucket.js';
import { isPicture } from '../qiniu/find-object.js';
import type { Store, StoredUpload } from './store.js';

/**
 * What is done for a stored upload once it is answered; the one place where yours belongs: thumbnails, moderation, a
 * message to another system. It may be called twice for one upload.
 *
 * The demo asks for a picture's average colour, which its gallery shows until the picture is there.
 */
export async function followUp(upload: StoredUpload, store: Store, bucket: Bucket): Promise<void> {
  const { id, key, stored_type: type } = upload;
  const color = isPicture(type) ? await bucket.averageColor(key) : undefined;
  await store.followUp(id, { color: color ?? null });
}

/** Works that run at once: answers to others are to go on meanwhile. */
const AT_ONCE = 4;

/** Works that wait for their turn, at most; the sweeper does what there was no room for. */
const MAX_WAITING = 1000;

/**
 * Work that takes longer than Kodo waits for an answer. It is done in this process, once the answer is out; what a
 * crash interrupts, or what fails, the sweeper finds and does again.
 */
export class AfterAnswer {
  readonly #logger: Logger;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Does it when the answer is out, or when nobody waits for it any more. */
  run(res: Response, work: () => Promise<void>): void {
    res.once('close', () => {
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(work);
      this.#startNext();
    });
  }

  /** Begins nothing more, and resolves when what has begun is done. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    await Promise.all(this.#running);
  }

  #startNext(): void {
    if (this.#running.size >= AT_ONCE) return;
    const work = this.#waiting.shift();
    if (work === undefined) return;
    const running = work()
      .catch((error: unknown) => this.#logger.error({ err: error }, 'work after an answer failed'))
      .finally(() => {
        this.#running.delete(running);
        this.#startNext();
      });
    this.#running.add(running);
  }
}
