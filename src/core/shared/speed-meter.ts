/** Time constant of the smoothing in milliseconds. */
const SMOOTHING = 3000;
/** Milliseconds before a speed is reported: the first bytes only fill the system's buffers. */
const SPEED_AFTER = 500;

/** Measures upload speed: an exponential moving average weighted by elapsed time. */
export class SpeedMeter {
  readonly #now: () => number;
  #run: { readonly startedAt: number; at: number; bytes: number } | undefined;
  #speed: number | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Bytes per second; `undefined` until known. */
  get speed(): number | undefined {
    return this.#speed;
  }

  /** Milliseconds since `begin()`; 0 before. */
  get elapsed(): number {
    return this.#run === undefined ? 0 : this.#now() - this.#run.startedAt;
  }

  /** Starts measuring. @param bytes count to start from */
  begin(bytes: number): void {
    const now = this.#now();
    this.#run = { startedAt: now, at: now, bytes };
  }

  /** Updates the byte count; a lower count than before is ignored. */
  update(bytes: number): void {
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

  /** Stops measuring and clears the speed. */
  end(): void {
    this.#run = undefined;
    this.#speed = undefined;
  }
}
