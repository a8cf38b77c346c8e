import { realClock, type Clock } from '../net/clock.js';

/** A running HTTP request to a host. */
export interface WatchedRequest {
  /** Reports how many bytes of its body have been sent; more than its size means all. */
  sent(bytes: number): void;
  /** Reports its end. @param isAnswered whether there was a response */
  end(isAnswered: boolean): void;
}

export interface WatchOptions {
  /** Size of its body in bytes; 0 if the body is so short that it is sent at once. */
  readonly bytes: number;
  /** Milliseconds without progress, with bytes left to send, after which the request has stalled. */
  readonly stallTimeout: number;
  /** Previous consecutive stalls of this upload: each doubles the time allowed while progress is unknown. */
  readonly stalls: number;
  /** Whether its progress may be hidden from the page, e.g. by a service worker that makes the request. */
  readonly isHidden: boolean;
  /** Called once, with the milliseconds without progress. */
  readonly onStall: (milliseconds: number) => void;
}

interface OpenRequest extends WatchOptions {
  sentBytes: number;
  openedAt: number;
  /** When its bytes last made progress. */
  movedAt: number;
  /** Milliseconds allowed without a response; never decreases. */
  allowance: number;
}

/** Bytes per second assumed for a host before its first measured response. */
const DEFAULT_RATE = 32_000;
/** Minimum body size in bytes for a meaningful rate. */
const MIN_SAMPLE_BYTES = 256 * 1024;
/** Number of responses to remember. */
const REMEMBERED = 20;
/** Delay of a timer in milliseconds from which the page must have been frozen or the machine asleep. */
const FROZEN = 5000;

/**
 * Calls `onStall` if a request to a host makes no progress, without mistaking a slow connection for a dead one.
 *
 * While bytes are being sent there are progress events, so `stallTimeout` without one is a stall. However, buffers of
 * the system, a proxy or a virus scanner can take a whole body at once and forward it for minutes; only the response is
 * then pending. The time allowed for it depends on all bytes without a response and on the slowest rate measured.
 * Requests to a host share its bandwidth: while one makes progress or gets a response, the others are just waiting.
 */
export class LineWatch {
  readonly #clock: Clock;
  readonly #open = new Set<OpenRequest>();
  /** The last responses: bytes per second until the response, and duration in milliseconds. */
  readonly #answers: { readonly rate: number; readonly milliseconds: number }[] = [];
  /** When any request last made progress or got a response. */
  #aliveAt = -Infinity;
  /** The next check. Progress does not reschedule it, so one timer serves many progress events. */
  #next: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock = realClock) {
    this.#clock = clock;
  }

  /** Starts watching a request. */
  watch(options: WatchOptions): WatchedRequest {
    const now = this.#clock.now();
    const request: OpenRequest = { ...options, sentBytes: 0, openedAt: now, movedAt: now, allowance: 0 };
    this.#open.add(request);
    if (this.#next === undefined || this.#next.at > now + options.stallTimeout) this.#check();
    return {
      sent: (bytes) => {
        if (bytes <= request.sentBytes || !this.#open.has(request)) return;
        request.sentBytes = Math.min(bytes, request.bytes);
        request.movedAt = this.#aliveAt = this.#clock.now();
      },
      end: (isAnswered) => {
        if (!this.#open.delete(request)) return;
        if (isAnswered) {
          this.#aliveAt = this.#clock.now();
          this.#remember(request);
        }
        if (this.#open.size === 0) this.#unschedule();
      },
    };
  }

  #remember({ bytes, openedAt }: OpenRequest): void {
    const milliseconds = this.#aliveAt - openedAt;
    if (bytes < MIN_SAMPLE_BYTES || milliseconds <= 0) return;
    this.#answers.push({ rate: (bytes / milliseconds) * 1000, milliseconds });
    if (this.#answers.length > REMEMBERED) this.#answers.shift();
  }

  /** Reports stalled requests and schedules the next check. */
  #check(): void {
    this.#unschedule();
    let rest = Infinity;
    for (const request of [...this.#open]) {
      const left = this.#timeLeft(request);
      if (left > 0) rest = Math.min(rest, left);
      else if (this.#open.delete(request)) request.onStall(this.#clock.now() - request.movedAt);
    }
    if (rest === Infinity) return;
    const at = this.#clock.now() + Math.ceil(rest);
    const cancel = this.#clock.after(Math.ceil(rest), () => {
      const late = this.#clock.now() - at;
      if (late > FROZEN) this.#skip(late);
      this.#check();
    });
    this.#next = { at, cancel };
  }

  #unschedule(): void {
    this.#next?.cancel();
    this.#next = undefined;
  }

  /** Returns the milliseconds until a request counts as stalled. */
  #timeLeft(request: OpenRequest): number {
    const now = this.#clock.now();
    const { bytes, sentBytes, stallTimeout, stalls, isHidden, movedAt } = request;
    const patience = 2 ** stalls;
    request.allowance = Math.max(request.allowance, stallTimeout, this.#timeForAnswers());
    const allowance = request.allowance * patience;
    // A single dead connection is detected after twice the time, because others may still make progress.
    const ownRest = movedAt + 2 * allowance - now;
    const isLeft = sentBytes < bytes;
    const hasMoved = sentBytes > 0;
    const isBehindOthers = [...this.#open].some((other) => other !== request && other.sentBytes > 0);
    const aliveAt = Math.max(movedAt, this.#aliveAt);
    if (isLeft && hasMoved) return Math.min(ownRest, aliveAt + stallTimeout * patience - now);
    if (isLeft && !isHidden && !isBehindOthers) return movedAt + stallTimeout - now;
    return Math.min(ownRest, aliveAt + allowance - now);
  }

  /** Returns the milliseconds that all pending responses may take. */
  #timeForAnswers(): number {
    let bytes = 0;
    for (const request of this.#open) bytes += request.bytes;
    const slowest = Math.min(...this.#answers.map(({ rate }) => rate));
    const longest = Math.max(0, ...this.#answers.map(({ milliseconds }) => milliseconds));
    return Math.max(longest, (bytes / (Number.isFinite(slowest) ? slowest : DEFAULT_RATE)) * 1000);
  }

  /** Restarts all waits after a time without possible progress, and excludes it from the requests' durations. */
  #skip(milliseconds: number): void {
    this.#aliveAt = this.#clock.now();
    for (const request of this.#open) {
      request.openedAt += milliseconds;
      request.movedAt = this.#aliveAt;
    }
  }
}

const lines = new Map<string, LineWatch>();

/** Returns the page-wide watch for a host, given as an origin. */
export function lineTo(host: string): LineWatch {
  let line = lines.get(host);
  if (line === undefined) {
    line = new LineWatch();
    lines.set(host, line);
  }
  return line;
}
