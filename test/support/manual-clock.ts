import type { Clock } from '../../src/core/net/clock.js';

/** A clock that stands still until the test turns it. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Turns the clock on; what is due on the way is called at its time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }

  /** Lets time pass in which no timer could fire, as while a machine sleeps; what was due is called at the end. */
  freeze(milliseconds: number): void {
    this.#now += milliseconds;
    this.advance(0);
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#timers.size;
  }
}
