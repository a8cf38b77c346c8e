/** Milliseconds over which the speed is smoothed. */
const SMOOTHING = 3000;
/** Milliseconds of sending before a speed is named: the first bytes only fill the system's buffers. */
const SPEED_AFTER = 500;

/** The speed of what is being sent: an exponential moving average whose weight follows the time that has passed. */
export class SpeedMeter {
  readonly #now: () => number;
  #run: { readonly startedAt: number; at: number; bytes: number } | undefined;
  #speed: number | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Bytes per second; absent until it is known. */
  get speed(): number | undefined {
    return this.#speed;
  }

  /** Milliseconds since sending began; 0 where it has not. */
  get elapsed(): number {
    return this.#run === undefined ? 0 : this.#now() - this.#run.startedAt;
  }

  /** Sending begins, with so many bytes there already. */
  begin(bytes: number): void {
    const now = this.#now();
    this.#run = { startedAt: now, at: now, bytes };
  }

  /** Takes the bytes that are there now; fewer than before change nothing. */
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

  /** Nothing is sent any more, and nothing known. */
  end(): void {
    this.#run = undefined;
    this.#speed = undefined;
  }
}
