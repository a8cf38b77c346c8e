import type { UploadGrant } from './token-grant.js';

/** Milliseconds before its expiry at which a token is renewed; less for tokens with a short lifetime. */
const RENEW_BEFORE = 60_000;
/** Milliseconds between two attempts; less for tokens with a short lifetime. */
const RETRY_DELAY = 15_000;

/**
 * Renews a token before it expires, while the upload runs: Kodo checks it on every request, and the deadline again when
 * it creates the object.
 */
export class TokenRenewal {
  readonly #renew: () => Promise<UploadGrant>;
  #grant: UploadGrant;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isRenewing = false;
  #stopped = false;
  #triedAt = -Infinity;

  /** @param renew requests a new token for the same upload and applies it */
  constructor(grant: UploadGrant, renew: () => Promise<UploadGrant>) {
    this.#grant = grant;
    this.#renew = renew;
    this.#schedule();
  }

  /** Renews the token early, once, if it would expire before the estimated end of the upload. */
  renewIfTooShort(secondsLeft: number | undefined): void {
    const { expiresAt, lifetime } = this.#grant;
    const rest = expiresAt - performance.now();
    // An upload that outlasts any token would otherwise renew all the time.
    const isTooShort = secondsLeft !== undefined && secondsLeft * 1000 > rest && rest < lifetime / 2;
    if (isTooShort) this.#attempt();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const { expiresAt, lifetime } = this.#grant;
    const due = expiresAt - Math.min(RENEW_BEFORE, lifetime / 4) - performance.now();
    // the maximum of setTimeout is 24.8 days
    this.#timer = setTimeout(() => this.#attempt(), Math.min(2 ** 31 - 1, Math.max(0, due)));
  }

  #attempt(): void {
    const now = performance.now();
    if (this.#isRenewing || this.#stopped) return;
    const delay = Math.min(RETRY_DELAY, this.#grant.lifetime / 4);
    if (now - this.#triedAt < delay) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#attempt(), delay);
      return;
    }
    this.#isRenewing = true;
    this.#triedAt = now;
    this.#renew()
      .then(
        (grant) => {
          this.#grant = grant;
        },
        // The upload continues with the old token until Kodo returns 401, and then requests a new one.
        () => undefined,
      )
      .finally(() => {
        this.#isRenewing = false;
        this.#schedule();
      });
  }
}
