import { etagOf } from './etag.js';
import type { SdkFailure } from './messages.js';

/**
 * Compares the etag that Kodo returns for a part with the part's bytes, so that an object never contains a corrupted
 * part.
 */
export class PartCheck {
  readonly #fail: (failure: SdkFailure) => void;
  readonly #running = new Set<Promise<void>>();
  #hasFailed = false;

  constructor(fail: (failure: SdkFailure) => void) {
    this.#fail = fail;
  }

  /** Verifies a part. @param onVerified called if the etag matches the bytes */
  add(body: Blob, etag: string, onVerified: () => void): Promise<void> {
    const check = etagOf(body).then(
      (expected) => {
        if (expected === etag) onVerified();
        else this.#report('checksum-mismatch', 'Kodo received different bytes for a part than were sent.');
      },
      () => this.#report('FileReaderReadFailed', 'The file could not be read again.'),
    );
    this.#running.add(check);
    return check.finally(() => this.#running.delete(check));
  }

  /** Resolves when no check is running, whatever the results. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Resolves when all parts are verified. Never resolves if a check failed: the failed upload must not continue. */
  async verified(): Promise<void> {
    await this.idle();
    if (this.#hasFailed) await new Promise<never>(() => undefined);
  }

  #report(name: string, message: string): void {
    this.#hasFailed = true;
    const unknown = { status: undefined, reqid: undefined, body: undefined, retryAfter: undefined, hash: undefined };
    this.#fail({ name, message, ...unknown });
  }
}
