import { untilAborted } from './abort.js';
import type { UploadError, UploadErrorCode } from '../items/upload-error.js';

/** Why no further file of a queue is started, and until when. */
export interface QueueHold {
  /**
   * `rate-limited`: the token route, the confirm route or Kodo answered 429, 573, or 503 with `Retry-After`.
   * `refused`: the token route refused three uploads in a row for the same reason.
   */
  readonly reason: 'rate-limited' | 'refused';
  /** When it ends by itself, in milliseconds since 1970; `undefined` where only `release()` ends it. */
  readonly until: number | undefined;
  /** The refusal that caused it. */
  readonly error: UploadError;
}

/** Identical refusals of the token route in a row after which the next file would meet the same. */
const REFUSALS = 3;

/** Milliseconds: shortest and longest wait where a server limits the rate without saying for how long. */
const SHORTEST = 2000;
const LONGEST = 60_000;

/**
 * Refusals that say something about the route or the visitor, so that the next file would meet them too. What is wrong
 * with one file, for example its size or type, has other codes.
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

/** A turn at the token route; exactly one of the two must be called. */
export interface TokenTurn {
  readonly accept: () => void;
  /** The request failed, or was aborted (no error). */
  readonly fail: (error?: UploadError) => void;
}

/**
 * Decides when all files of a queue wait, because what refused one of them would refuse the others too.
 *
 * After a refusal, token requests go one at a time until one is accepted: a thousand files against a route that does
 * not exist make three requests.
 */
export class HoldControl {
  readonly #onChange: () => void;
  #hold: QueueHold | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when the hold that is in force ends. */
  #ended: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #refusals: { readonly count: number; readonly reason: string } = { count: 0, reason: '' };
  /** The one token request under way while requests go one at a time. */
  #probe: Promise<void> | undefined;
  #limits: { readonly count: number; readonly endsAt: number } = { count: 0, endsAt: -Infinity };

  /** @param onChange called after a hold has begun, been prolonged or ended */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The hold in force, if any. */
  get current(): QueueHold | undefined {
    return this.#hold;
  }

  /** A server limits the rate: all wait as long as it asks, or longer each time where it does not say. */
  limit(error: UploadError): void {
    if (this.#hold?.reason === 'refused') return;
    const now = Date.now();
    // Answers that arrive while the hold is in force belong to requests sent before it.
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

  /** Ends the hold now. If the token route refuses once more, the hold is back. */
  release(): void {
    if (this.#hold === undefined) return;
    clearTimeout(this.#timer);
    this.#hold = undefined;
    this.#ended?.resolve();
    this.#ended = undefined;
    this.#onChange();
  }

  /** Tokens come from somewhere else now: earlier refusals say nothing about it. */
  reset(): void {
    this.#refusals = { count: 0, reason: '' };
    if (this.#hold?.reason === 'refused') this.release();
  }

  /** Resolves when no hold is in force. @throws the signal's reason when it is aborted meanwhile */
  async ready(signal: AbortSignal): Promise<void> {
    while (this.#ended !== undefined) await untilAborted(this.#ended.promise, signal);
  }

  /**
   * Waits until a token may be requested.
   *
   * @param onHeld called whenever a hold makes the request wait
   * @throws the signal's reason when it is aborted meanwhile
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

  /** An upload has used up its retries. */
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
      const promise = new Promise<void>((settle) => (resolve = settle));
      this.#ended = { promise, resolve };
    }
    if (hold.until !== undefined) this.#releaseAt(hold.until);
    this.#onChange();
  }

  /** `setTimeout` takes no more than 24.8 days. */
  #releaseAt(until: number): void {
    const rest = until - Date.now();
    this.#timer = setTimeout(
      () => (rest > 2 ** 31 - 1 ? this.#releaseAt(until) : this.release()),
      Math.max(0, Math.min(rest, 2 ** 31 - 1)),
    );
  }
}

/** Whether an answer asks for a pause that concerns all requests: 429, Kodo's 573, or 503 with `Retry-After`. */
export function isRateLimit({ code, status, retryAfter }: UploadError): boolean {
  return code === 'rate-limited' || status === 429 || (status === 503 && retryAfter !== undefined);
}
