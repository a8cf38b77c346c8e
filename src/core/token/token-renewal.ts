import type { UploadGrant } from './token-grant.js';

/** The least of a token's life, in milliseconds, at which a new one is asked for. */
const LAST_MOMENT = 60_000;
/** Milliseconds between two tries, where the token lives long enough for it. */
const PAUSE = 15_000;

/**
 * Renews a token before it ends, while the upload runs: every call is checked anew by Kodo, and the deadline counts
 * when the object is created.
 */
export class TokenRenewal {
  readonly #renew: () => Promise<UploadGrant>;
  #grant: UploadGrant;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #stopped = false;
  #triedAt = -Infinity;

  /** @param renew asks for a new token for the same upload, and puts it to use */
  constructor(grant: UploadGrant, renew: () => Promise<UploadGrant>) {
    this.#grant = grant;
    this.#renew = renew;
    this.#schedule();
  }

  /** Takes note of how long the rest will take: a token that would end before it is renewed early, once. */
  expect(secondsLeft: number | undefined): void {
    const { expiresAt, lifetime } = this.#grant;
    const rest = expiresAt - performance.now();
    // A file that takes longer than any token lives is renewed at the end of each, not all the time.
    const isOutlived = secondsLeft !== undefined && secondsLeft * 1000 > rest && rest < lifetime / 2;
    if (isOutlived) this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { expiresAt, lifetime } = this.#grant;
    const due = expiresAt - Math.min(LAST_MOMENT, lifetime / 4) - performance.now();
    // setTimeout takes no more than 24.8 days
    this.#timer = setTimeout(() => this.#ask(), Math.min(2 ** 31 - 1, Math.max(0, due)));
  }

  #ask(): void {
    const now = performance.now();
    if (this.#isAsking || this.#stopped) return;
    const pause = Math.min(PAUSE, this.#grant.lifetime / 4);
    if (now - this.#triedAt < pause) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), pause);
      return;
    }
    this.#isAsking = true;
    this.#triedAt = now;
    this.#renew()
      .then(
        (grant) => {
          this.#grant = grant;
        },
        // Kodo's next 401 will say it: then the upload waits for its token, here it goes on while it can.
        () => undefined,
      )
      .finally(() => {
        this.#isAsking = false;
        this.#schedule();
      });
  }
}
