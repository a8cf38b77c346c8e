import type { Connectivity } from '../net/connectivity.js';

/**
 * The wait before an upload's next try. It ends when the time is up, when the browser reports a network after having
 * reported none, or when `wake()` is called.
 */
export class RetryPause {
  readonly #connectivity: Connectivity;
  readonly #wakers = new Set<() => void>();

  constructor(connectivity: Connectivity) {
    this.#connectivity = connectivity;
  }

  /**
   * @param milliseconds how long to wait at most
   * @throws the signal's reason when it is aborted meanwhile
   */
  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const end = (): void => {
        clearTimeout(timeoutId);
        unsubscribe();
        this.#wakers.delete(end);
        signal.removeEventListener('abort', end);
        if (signal.aborted) reject(signal.reason as Error);
        else resolve();
      };
      const timeoutId = setTimeout(end, Math.min(milliseconds, 2 ** 31 - 1)); // setTimeout takes no more
      const unsubscribe = this.#connectivity.subscribe(() => {
        if (this.#connectivity.online) end();
      });
      this.#wakers.add(end);
      signal.addEventListener('abort', end);
    });
  }

  /** Ends the current wait: the visitor asked for a try now. */
  wake(): void {
    for (const end of [...this.#wakers]) end();
  }
}
