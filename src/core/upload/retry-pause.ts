import type { Connectivity } from '../net/connectivity.js';

/**
 * The delay before an upload's next attempt. It ends when the time elapses, when the browser comes back online, or when
 * `wake()` is called.
 */
export class RetryPause {
  readonly #connectivity: Connectivity;
  readonly #wakers = new Set<() => void>();

  constructor(connectivity: Connectivity) {
    this.#connectivity = connectivity;
  }

  /**
   * @param milliseconds maximum delay
   * @throws the signal's reason if it is aborted meanwhile
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
      const timeoutId = setTimeout(end, Math.min(milliseconds, 2 ** 31 - 1)); // the maximum of setTimeout
      const unsubscribe = this.#connectivity.subscribe(() => {
        if (this.#connectivity.online) end();
      });
      this.#wakers.add(end);
      signal.addEventListener('abort', end);
    });
  }

  /** Ends the current delay, because an immediate retry was requested. */
  wake(): void {
    for (const end of [...this.#wakers]) end();
  }
}
