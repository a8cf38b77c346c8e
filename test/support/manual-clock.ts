import type { Clock } from '../../src/core/net/clock.js';

/** A clock that the test advances. */
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

  /** Advances the clock and calls each timer at the time it is due. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let fired = 0; ; fired += 1) {
      if (fired > 100_000) throw new Error('A timer callback keeps adding timers that are already due.');
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }

  /** Lets time pass without firing timers, as while a machine sleeps. Timers that were due fire at the end. */
  freeze(milliseconds: number): void {
    this.#now += milliseconds;
    this.advance(0);
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.#timers.size;
  }
}
