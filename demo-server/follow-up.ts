import type { Response } from 'express';
import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import { isPicture } from './find-object.js';
import type { Store, StoredUpload } from './store.js';

/**
 * What is done for a stored upload when its answer is out; the one place where yours belongs: thumbnails, moderation,
 * a word to another system. It may come twice for one upload, so it must not mind.
 *
 * The demo asks for a picture's average colour, which its gallery shows until the picture is there.
 */
export async function followUp(upload: StoredUpload, store: Store, bucket: Bucket): Promise<void> {
  const { id, key, stored_type: type } = upload;
  const color = isPicture(type) ? await bucket.averageColor(key) : undefined;
  await store.followUp(id, { color: color ?? null });
}

/**
 * Work that takes longer than Kodo waits for an answer. It is done in this process, once the answer is out; what a
 * crash interrupts, or what fails, the sweeper finds and does again.
 */
export class AfterAnswer {
  readonly #logger: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Does it when the answer is out, or when nobody waits for it any more. */
  run(res: Response, work: () => Promise<void>): void {
    res.once('close', () => {
      const running = work()
        .catch((error: unknown) => this.#logger.error({ err: error }, 'work after an answer failed'))
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    });
  }

  /** Resolves when nothing is being done any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
