import { realClock, type Clock } from '../net/clock.js';

/** One HTTP request that is under way on a line. */
export interface WatchedRequest {
  /** So many bytes of its body are out; as many as it has, when the last one is. */
  sent(bytes: number): void;
  /** It has ended. @param isAnswered whether the server has answered it */
  end(isAnswered: boolean): void;
}

export interface WatchOptions {
  /** Bytes of its body; 0 where it is so short that it leaves at once. */
  readonly bytes: number;
  /** Milliseconds without progress, with bytes left to send, after which the request has stalled. */
  readonly stallTimeout: number;
  /** How often in a row this upload has stalled before: each time doubles what is allowed while progress is unknown. */
  readonly stalls: number;
  /** Whether its progress may be hidden from the page, as by a service worker that makes the request itself. */
  readonly isHidden: boolean;
  /** Called once, with the milliseconds that nothing moved. */
  readonly onStall: (milliseconds: number) => void;
}

interface OpenRequest extends WatchOptions {
  sentBytes: number;
  openedAt: number;
  /** When its own bytes moved last. */
  movedAt: number;
  /** Milliseconds allowed without an answer: never less than it once was. */
  allowance: number;
}

/** Bytes per second that a line is given credit for as long as nothing was answered on it. */
const SLOWEST = 32_000;
/** Bytes from which the time to the answer says something about the line. */
const ENOUGH = 256 * 1024;
/** Answers that are remembered. */
const REMEMBERED = 20;
/** A timer that is this late, in milliseconds, means that the page was frozen or the machine asleep. */
const FROZEN = 5000;

/**
 * Notices that nothing moves on the way to one host, without taking a slow line for a dead one.
 *
 * As long as bytes are going out there are progress events, and silence for `stallTimeout` is a stall. But buffers of
 * the system, a proxy or a virus scanner can take a whole body at once and pass it on for minutes; after that only the
 * answer is awaited. How long that may take follows from all bytes that are unanswered on the line and from the
 * slowest rate seen on it. Requests share the line: while one of them moves or is answered, the others are only waiting
 * for their turn.
 */
export class LineWatch {
  readonly #clock: Clock;
  readonly #open = new Set<OpenRequest>();
  /** The requests answered last: bytes per second up to the answer, and milliseconds. */
  readonly #answers: { readonly rate: number; readonly milliseconds: number }[] = [];
  /** When anything moved or was answered last. */
  #aliveAt = -Infinity;
  /** The next check. What moves before it moves the stalls too: one timer serves many movements. */
  #next: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock = realClock) {
    this.#clock = clock;
  }

  /** A request goes out. */
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
    if (bytes < ENOUGH || milliseconds <= 0) return;
    this.#answers.push({ rate: (bytes / milliseconds) * 1000, milliseconds });
    if (this.#answers.length > REMEMBERED) this.#answers.shift();
  }

  /** Ends what has stalled, and schedules the next check. */
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

  /** Milliseconds until a request has stalled. */
  #timeLeft(request: OpenRequest): number {
    const now = this.#clock.now();
    const { bytes, sentBytes, stallTimeout, stalls, isHidden, movedAt } = request;
    const patience = 2 ** stalls;
    request.allowance = Math.max(request.allowance, stallTimeout, this.#timeForAnswers());
    const allowance = request.allowance * patience;
    // Its own silence counts twice as long as the line's: a connection can be dead while others are not.
    const ownRest = movedAt + 2 * allowance - now;
    const isLeft = sentBytes < bytes;
    const hasMoved = sentBytes > 0;
    const isBehindOthers = [...this.#open].some((other) => other !== request && other.sentBytes > 0);
    const aliveAt = Math.max(movedAt, this.#aliveAt);
    if (isLeft && hasMoved) return Math.min(ownRest, aliveAt + stallTimeout * patience - now);
    if (isLeft && !isHidden && !isBehindOthers) return movedAt + stallTimeout - now;
    return Math.min(ownRest, aliveAt + allowance - now);
  }

  /** Milliseconds that the line may need for all that is unanswered. */
  #timeForAnswers(): number {
    let bytes = 0;
    for (const request of this.#open) bytes += request.bytes;
    const slowest = Math.min(...this.#answers.map(({ rate }) => rate));
    const longest = Math.max(0, ...this.#answers.map(({ milliseconds }) => milliseconds));
    return Math.max(longest, (bytes / (Number.isFinite(slowest) ? slowest : SLOWEST)) * 1000);
  }

  /** Nothing could move in that time, so waiting begins anew; what a request took until its answer is not lengthened. */
  #skip(milliseconds: number): void {
    this.#aliveAt = this.#clock.now();
    for (const request of this.#open) {
      request.openedAt += milliseconds;
      request.movedAt = this.#aliveAt;
    }
  }
}

const lines = new Map<string, LineWatch>();

/** The line to a host, given as an origin: all uploads of the page share it. */
export function lineTo(host: string): LineWatch {
  let line = lines.get(host);
  if (line === undefined) {
    line = new LineWatch();
    lines.set(host, line);
  }
  return line;
}
