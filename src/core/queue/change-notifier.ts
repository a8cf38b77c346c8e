import { onNextFrame } from '../shared/frame.js';
import { reportError } from '../shared/report-error.js';

/** Duration of a frame in milliseconds. */
const FRAME = 16;

/** Calls listeners after changes: in a microtask for a single change, at most once per frame for many. */
export class ChangeNotifier {
  readonly #listeners = new Set<() => void>();
  #scheduled: 'no' | 'with-frame' | 'soon' = 'no';
  /** When listeners were last called, by `performance.now()`. */
  #notifiedAt = -Infinity;

  /** Adds a listener. Returns a function that removes it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves once the listeners have been called for every change so far. */
  get settled(): Promise<void> {
    if (this.#scheduled === 'no') return Promise.resolve();
    return new Promise((resolve) => {
      const unsubscribe = this.subscribe(() => {
        unsubscribe();
        resolve();
      });
    });
  }

  /** @param when `with-frame` for one of many changes, such as progress */
  notify(when: 'with-frame' | 'soon'): void {
    const pace = performance.now() - this.#notifiedAt < FRAME ? 'with-frame' : when;
    if (this.#scheduled === 'soon' || this.#scheduled === pace) return;
    this.#scheduled = pace;
    const callAll = (): void => {
      if (this.#scheduled !== pace) return;
      this.#scheduled = 'no';
      this.#notifiedAt = performance.now();
      for (const listener of [...this.#listeners]) {
        try {
          listener();
        } catch (error) {
          reportError(error); // still call the other listeners
        }
      }
    };
    if (pace === 'soon') queueMicrotask(callAll);
    else onNextFrame(callAll);
  }
}
