import { etagOf } from './etag.js';
import type { SdkFailure } from './messages.js';

/**
 * Compares the etag Kodo answers for a part with the bytes that were meant, so that no damaged part becomes part of
 * an object.
 */
export class PartCheck {
  readonly #fail: (failure: SdkFailure) => void;
  readonly #running = new Set<Promise<void>>();
  #isDamaged = false;

  constructor(fail: (failure: SdkFailure) => void) {
    this.#fail = fail;
  }

  /** @param onRight called when the etag is that of the bytes */
  add(body: Blob, etag: string, onRight: () => void): Promise<void> {
    const check = etagOf(body).then(
      (expected) => {
        if (expected === etag) onRight();
        else this.#give('checksum-mismatch', 'A part arrived with other bytes than were sent.');
      },
      () => this.#give('FileReaderReadFailed', 'The file could not be read again.'),
    );
    this.#running.add(check);
    return check.finally(() => this.#running.delete(check));
  }

  /** Resolves when every part that was answered has been compared, however that went. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Resolves when every part is right; never, when one is not: the upload has failed then, and must not go on. */
  async settled(): Promise<void> {
    await this.idle();
    if (this.#isDamaged) await new Promise<never>(() => undefined);
  }

  #give(name: string, message: string): void {
    this.#isDamaged = true;
    const nothing = { status: undefined, reqid: undefined, body: undefined, retryAfter: undefined, hash: undefined };
    this.#fail({ name, message, ...nothing });
  }
}
