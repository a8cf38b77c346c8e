import { onNextFrame } from './frame.js';
import type { UploadProgress } from './upload-item.js';

/** No bytes sent yet. */
export const NO_PROGRESS: UploadProgress = Object.freeze({ sentBytes: 0, percent: 0 });

/**
 * Turns a transport's raw byte counts into progress fit to show: it never falls, never exceeds the file,
 * never says 100 % before the reply, and is told at most once a frame.
 */
export class ProgressMeter {
  readonly #size: number;
  readonly #report: (progress: UploadProgress) => void;
  #sentBytes = 0;
  #scheduled = false;
  #stopped = false;

  constructor(size: number, report: (progress: UploadProgress) => void) {
    this.#size = size;
    this.#report = report;
  }

  /** Takes the bytes sent so far; anything below the highest count so far changes nothing. */
  update(sentBytes: number): void {
    const bytes = Math.min(this.#size, Math.round(sentBytes));
    if (!(bytes > this.#sentBytes)) return; // also refuses NaN
    this.#sentBytes = bytes;
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    onNextFrame(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#report(this.progress);
    });
  }

  /** Ends reporting; what was scheduled is dropped. */
  stop(): void {
    this.#stopped = true;
  }

  get progress(): UploadProgress {
    const percent = this.#size === 0 ? 0 : Math.min(99, Math.floor((this.#sentBytes / this.#size) * 100));
    return Object.freeze({ sentBytes: this.#sentBytes, percent });
  }
}
