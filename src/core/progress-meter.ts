import { onNextFrame } from './frame.js';
import type { UploadProgress } from './upload-item.js';

/** No bytes sent yet. */
export const NO_PROGRESS: UploadProgress = Object.freeze({
  sentBytes: 0,
  percent: 0,
  storedBytes: 0,
  speed: undefined,
  secondsLeft: undefined,
});

/** Whole percent, never 100: that is the reply's. */
export function percentOf(bytes: number, size: number): number {
  return size === 0 ? 0 : Math.min(99, Math.floor((bytes / size) * 100));
}

/** Milliseconds over which the speed is smoothed. */
const SMOOTHING = 3000;
/** Bytes after which an average says something about the line. */
const ENOUGH = 1024 * 1024;
/** Milliseconds of sending before a speed is named: the first bytes only fill the system's buffers. */
const SPEED_AFTER = 500;

/**
 * Turns a transport's raw byte counts into progress fit to show: it never falls, never exceeds the file,
 * never says 100 % before the reply, and is told at most once a frame.
 */
export class ProgressMeter {
  readonly #size: number;
  readonly #report: (progress: UploadProgress) => void;
  readonly #now: () => number;
  #sentBytes = 0;
  #storedBytes = 0;
  #speed: number | undefined;
  #run: { readonly startedAt: number; at: number; bytes: number } | undefined;
  #scheduled = false;

  /** @param now milliseconds of a clock that never jumps */
  constructor(size: number, report: (progress: UploadProgress) => void, now: () => number = () => performance.now()) {
    this.#size = size;
    this.#report = report;
    this.#now = now;
  }

  /** An attempt begins, with so many bytes stored by earlier ones. */
  begin(storedBytes: number): void {
    this.#storedBytes = storedBytes;
    this.#sentBytes = Math.max(this.#sentBytes, storedBytes);
    const now = this.#now();
    this.#run = { startedAt: now, at: now, bytes: storedBytes };
  }

  /** The attempt has ended; what was scheduled is dropped. */
  end(): void {
    this.#run = undefined;
    this.#speed = undefined;
  }

  /** Bytes per second from the attempt's begin to now, its first requests included; nothing for a few bytes. */
  get averageSpeed(): number | undefined {
    const run = this.#run;
    const milliseconds = run === undefined ? 0 : this.#now() - run.startedAt;
    const bytes = this.#size - this.#storedBytes;
    return bytes < ENOUGH || milliseconds <= 0 ? undefined : (bytes / milliseconds) * 1000;
  }

  /** The last byte is out; the percentage still waits for the reply. */
  complete(): void {
    this.end();
    this.#sentBytes = this.#size;
  }

  /** Takes the bytes sent so far; anything below the highest count so far changes nothing that is shown. */
  update(sentBytes: number): void {
    const bytes = Math.min(this.#size, Math.round(sentBytes));
    this.#measure(bytes);
    if (!(bytes > this.#sentBytes)) return; // also refuses NaN
    this.#sentBytes = bytes;
    if (this.#scheduled || this.#run === undefined) return;
    this.#scheduled = true;
    onNextFrame(() => {
      this.#scheduled = false;
      if (this.#run !== undefined) this.#report(this.progress);
    });
  }

  get progress(): UploadProgress {
    const percent = percentOf(this.#sentBytes, this.#size);
    const speed = this.#speed;
    return Object.freeze({
      sentBytes: this.#sentBytes,
      percent,
      storedBytes: this.#storedBytes,
      speed: speed === undefined ? undefined : Math.round(speed),
      secondsLeft: speed ? (this.#size - this.#sentBytes) / speed : undefined,
    });
  }

  /** An exponential moving average whose weight follows the time that has passed. */
  #measure(bytes: number): void {
    const run = this.#run;
    const now = this.#now();
    if (run === undefined || !(bytes > run.bytes) || now <= run.at) return;
    const current = ((bytes - run.bytes) / (now - run.at)) * 1000;
    const weight = 1 - Math.exp(-(now - run.at) / SMOOTHING);
    const before = this.#speed ?? current;
    if (now - run.startedAt >= SPEED_AFTER) this.#speed = before + (current - before) * weight;
    run.at = now;
    run.bytes = bytes;
  }
}
