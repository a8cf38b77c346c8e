import { untilAborted } from './abort.js';
import type { QueueHold } from '../items/queue-hold.js';
import type { UploadError, UploadErrorCode } from '../items/upload-error.js';

/** Consecutive identical refusals of the token route that start a hold. */
const REFUSALS = 3;

/** Minimum and maximum ceiling in milliseconds of the hold for a rate limit without `Retry-After`. */
const SHORTEST = 2000;
const LONGEST = 60_000;

/**
 * Refusals caused by the route or the visitor, which would affect the next file too. Problems of a single file, such as
 * its size or type, have other codes.
 */
const FINAL: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'token-refused',
  'token-denied',
  'token-unreadable',
  'token-malformed',
  'token-source-missing',
  'unknown',
]);

/** Failures of the token route that each upload retries before it gives up. */
const RETRIED: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'token-unreachable',
  'token-timeout',
  'token-server-error',
]);

/** Permission for one token request; call exactly one of the functions when it ends. */
export interface TokenTurn {
  readonly accept: () => void;
  /** Call it if the request failed, or without an error if it was aborted. */
  readonly fail: (error?: UploadError) => void;
}

/**
 * Puts a whole queue on hold when a failure of one file would affect the others too.
 *
 * After a refusal, token requests run one at a time until one is accepted: a thousand files make only three requests to
 * a route that does not exist.
 */
export class HoldControl {
  readonly #onChange: () => void;
  #hold: QueueHold | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when the current hold ends. */
  #ended: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #refusals: { readonly count: number; readonly reason: string } = { count: 0, reason: '' };
  /** The pending token request while requests run one at a time. */
  #probe: Promise<void> | undefined;
  #limits: { readonly count: number; readonly endsAt: number } = { count: 0, endsAt: -Infinity };

  /** @param onChange called after a hold begins, is extended or ends */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The current hold, if any. */
  get current(): QueueHold | undefined {
    return this.#hold;
  }

  /** Starts or extends a hold for a rate limit: for the error's `retryAfter`, else with exponential back-off. */
  limit(error: UploadError): void {
    if (this.#hold?.reason === 'refused') return;
    const now = Date.now();
    // Responses that arrive during the hold belong to requests sent before it.
    if (this.#hold === undefined) {
      const isSoonAfter = now - this.#limits.endsAt < LONGEST;
      this.#limits = { count: isSoonAfter ? this.#limits.count + 1 : 1, endsAt: now };
    }
    const ceiling = Math.min(LONGEST, SHORTEST * 2 ** (this.#limits.count - 1));
    const wait = error.retryAfter ?? Math.round(ceiling * (0.5 + Math.random() / 2));
    const until = Math.max(this.#hold?.until ?? 0, now + wait);
    this.#limits = { ...this.#limits, endsAt: until };
    this.#begin({ reason: 'rate-limited', until, error });
  }

  /** Ends the hold now. After a `refused` hold, one more identical refusal starts it again. */
  release(): void {
    if (this.#hold === undefined) return;
    clearTimeout(this.#timer);
    this.#hold = undefined;
    this.#ended?.resolve();
    this.#ended = undefined;
    this.#onChange();
  }

  /** Clears earlier refusals, because the token provider has changed. */
  reset(): void {
    this.#refusals = { count: 0, reason: '' };
    if (this.#hold?.reason === 'refused') this.release();
  }

  /** Resolves when there is no hold. @throws the signal's reason if it is aborted meanwhile */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.#ended !== undefined) await untilAborted(this.#ended.promise, signal);
  }

  /**
   * Waits until a token may be requested.
   *
   * @param onHeld called each time a hold delays the request
   * @throws the signal's reason if it is aborted meanwhile
   */
  async enter(signal: AbortSignal, onHeld: () => void): Promise<TokenTurn> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#hold !== undefined) {
        onHeld();
        await this.ready(signal);
      } else if (this.#refusals.count > 0 && this.#probe !== undefined) await untilAborted(this.#probe, signal);
      else return this.#takeTurn();
    }
  }

  /** Records that an upload has exhausted its retries. */
  giveUp(error: UploadError): void {
    if (RETRIED.has(error.code)) this.#refuse(error);
  }

  #refuse(error: UploadError): void {
    const reason = `${error.code} ${error.status ?? error.message} ${error.serverMessage ?? ''}`;
    this.#refusals = { count: reason === this.#refusals.reason ? this.#refusals.count + 1 : 1, reason };
    if (this.#refusals.count >= REFUSALS) this.#begin({ reason: 'refused', until: undefined, error });
  }

  #takeTurn(): TokenTurn {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    this.#probe = ended;
    const leave = (): void => {
      if (this.#probe === ended) this.#probe = undefined;
      end();
    };
    return {
      accept: () => {
        this.#refusals = { count: 0, reason: '' };
        leave();
      },
      fail: (error) => {
        if (error !== undefined && FINAL.has(error.code)) this.#refuse(error);
        leave();
      },
    };
  }

  #begin(hold: QueueHold): void {
    clearTimeout(this.#timer);
    this.#hold = Object.freeze(hold);
    if (this.#ended === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((resolvePromise) => (resolve = resolvePromise));
      this.#ended = { promise, resolve };
    }
    if (hold.until !== undefined) this.#releaseAt(hold.until);
    this.#onChange();
  }

  /** Schedules the release in steps: the maximum of `setTimeout` is 24.8 days. */
  #releaseAt(until: number): void {
    const rest = until - Date.now();
    this.#timer = setTimeout(
      () => (rest > 2 ** 31 - 1 ? this.#releaseAt(until) : this.release()),
      Math.max(0, Math.min(rest, 2 ** 31 - 1)),
    );
  }
}

/** Whether an error is a rate limit that affects all requests: 429, Kodo's 573, or 503 with `Retry-After`. */
export function isRateLimit({ code, status, retryAfter }: UploadError): boolean {
  return code === 'rate-limited' || status === 429 || (status === 503 && retryAfter !== undefined);
}
