/** A source of time that tests can replace with a manual clock. */
export interface Clock {
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** Calls `callback` after `milliseconds`. Returns a function that cancels the timer. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** `performance.now()` and `setTimeout()`, whose delay is capped at 2^31 - 1 ms. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timeoutId = setTimeout(callback, Math.min(milliseconds, 2 ** 31 - 1));
    return () => clearTimeout(timeoutId);
  },
};
