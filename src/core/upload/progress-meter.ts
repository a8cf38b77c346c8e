import { onNextFrame } from '../shared/frame.js';
import { SpeedMeter } from '../shared/speed-meter.js';
import type { UploadProgress } from '../items/upload-item.js';
import { percentOf } from '../items/upload-progress.js';

/** Minimum bytes for a meaningful average speed. */
const MIN_SAMPLE_BYTES = 1024 * 1024;

/**
 * Turns a transport's raw byte counts into progress to display: it never decreases, never exceeds the file size, never
 * reaches 100 % before the response, and is reported at most once per frame.
 */
export class ProgressMeter {
  readonly #size: number;
  readonly #report: (progress: UploadProgress) => void;
  readonly #speed: SpeedMeter;
  #sentBytes = 0;
  #storedBytes = 0;
  #isRunning = false;
  #scheduled = false;

  /** @param now returns milliseconds of a monotonic clock. Default: `performance.now()` */
  constructor(size: number, report: (progress: UploadProgress) => void, now?: () => number) {
    this.#size = size;
    this.#report = report;
    this.#speed = new SpeedMeter(now);
  }

  /** Starts an attempt. @param storedBytes bytes that earlier attempts stored */
  begin(storedBytes: number): void {
    this.#storedBytes = storedBytes;
    this.#sentBytes = Math.max(this.#sentBytes, storedBytes);
    this.#isRunning = true;
    this.#speed.begin(storedBytes);
  }

  /** Ends the attempt; drops a scheduled report. */
  end(): void {
    this.#isRunning = false;
    this.#speed.end();
  }

  /** Average bytes per second since the attempt began; `undefined` if the attempt has less than 1 MiB to send. */
  get averageSpeed(): number | undefined {
    const milliseconds = this.#speed.elapsed;
    const bytes = this.#size - this.#storedBytes;
    return bytes < MIN_SAMPLE_BYTES || milliseconds <= 0 ? undefined : (bytes / milliseconds) * 1000;
  }

  /** The last byte has been sent; the percentage reaches 100 only with the response. */
  complete(): void {
    this.end();
    this.#sentBytes = this.#size;
  }

  /** Updates the bytes sent so far; a lower count than before does not change the displayed progress. */
  update(sentBytes: number): void {
    const bytes = Math.min(this.#size, Math.round(sentBytes));
    this.#speed.update(bytes);
    if (!(bytes > this.#sentBytes)) return; // also ignores NaN
    this.#sentBytes = bytes;
    if (this.#scheduled || !this.#isRunning) return;
    this.#scheduled = true;
    onNextFrame(() => {
      this.#scheduled = false;
      if (this.#isRunning) this.#report(this.progress);
    });
  }

  get progress(): UploadProgress {
    const percent = percentOf(this.#sentBytes, this.#size);
    const { speed } = this.#speed;
    return Object.freeze({
      sentBytes: this.#sentBytes,
      percent,
      storedBytes: this.#storedBytes,
      speed: speed === undefined ? undefined : Math.round(speed),
      secondsLeft: speed ? (this.#size - this.#sentBytes) / speed : undefined,
    });
  }
}
