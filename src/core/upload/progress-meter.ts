import { onNextFrame } from '../shared/frame.js';
import { SpeedMeter } from '../shared/speed-meter.js';
import type { UploadProgress } from '../items/upload-item.js';
import { percentOf } from '../items/upload-progress.js';

/** Bytes after which an average says something about the line. */
const ENOUGH = 1024 * 1024;

/**
 * Turns a transport's raw byte counts into progress fit to show: it never falls, never exceeds the file,
 * never says 100 % before the reply, and is told at most once a frame.
 */
export class ProgressMeter {
  readonly #size: number;
  readonly #report: (progress: UploadProgress) => void;
  readonly #speed: SpeedMeter;
  #sentBytes = 0;
  #storedBytes = 0;
  #isRunning = false;
  #scheduled = false;

  /** @param now milliseconds of a clock that never jumps */
  constructor(size: number, report: (progress: UploadProgress) => void, now?: () => number) {
    this.#size = size;
    this.#report = report;
    this.#speed = new SpeedMeter(now);
  }

  /** An attempt begins, with so many bytes stored by earlier ones. */
  begin(storedBytes: number): void {
    this.#storedBytes = storedBytes;
    this.#sentBytes = Math.max(this.#sentBytes, storedBytes);
    this.#isRunning = true;
    this.#speed.begin(storedBytes);
  }

  /** The attempt has ended; what was scheduled is dropped. */
  end(): void {
    this.#isRunning = false;
    this.#speed.end();
  }

  /** Bytes per second from the attempt's begin to now, its first requests included; nothing for a few bytes. */
  get averageSpeed(): number | undefined {
    const milliseconds = this.#speed.elapsed;
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
    this.#speed.update(bytes);
    if (!(bytes > this.#sentBytes)) return; // also refuses NaN
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
