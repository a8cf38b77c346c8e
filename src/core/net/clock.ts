/** Time, as far as code depends on it: tests give a clock that they turn by hand. */
export interface Clock {
  /** Milliseconds; never jumps back. */
  now(): number;
  /** Calls back after so many milliseconds. Returns a function that cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** `performance.now()` and `setTimeout()`, which takes no more than 2^31 - 1 ms. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timeoutId = setTimeout(callback, Math.min(milliseconds, 2 ** 31 - 1));
    return () => clearTimeout(timeoutId);
  },
};
