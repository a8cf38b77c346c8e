/** Releases a request's slot; further calls have no effect. */
export type ReleaseRequest = () => void;

/** Concurrent requests: the number of connections that browsers open to an HTTP/1.1 host. */
export const DEFAULT_CONCURRENCY = 6;

interface Waiting {
  readonly admit: (release: ReleaseRequest) => void;
}

/**
 * A semaphore that limits concurrent requests, first in, first out.
 *
 * Files and their parts share one gate, because browsers open at most six connections to an HTTP/1.1 host: further
 * requests would wait in the browser's own queue, where their order cannot be controlled.
 *
 * Gates can be nested: with an outer gate, such as the one shared by all queues of a page, a request needs a slot in
 * both.
 */
export class RequestGate {
  #limit: number;
  #open = 0;
  readonly #outer: RequestGate | undefined;
  readonly #waiting = new Set<Waiting>();

  /**
   * @param limit maximum of concurrent requests, at least 1. Default 6
   * @param outer gate in which every request also needs a slot
   */
  constructor(limit = DEFAULT_CONCURRENCY, outer?: RequestGate) {
    this.#limit = limit;
    this.#outer = outer;
  }

  /** Maximum of concurrent requests. Lowering it does not abort running requests. */
  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  /** Number of slots in use. */
  get open(): number {
    return this.#open;
  }

  /**
   * Waits for a slot. Returns the function that releases it.
   *
   * @throws the signal's reason if it is aborted while waiting
   */
  async acquire(signal: AbortSignal): Promise<ReleaseRequest> {
    const release = await this.#acquireHere(signal);
    if (this.#outer === undefined) return release;
    try {
      const releaseOuter = await this.#outer.acquire(signal);
      return () => {
        releaseOuter();
        release();
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  #acquireHere(signal: AbortSignal): Promise<ReleaseRequest> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        this.#waiting.delete(waiting);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        admit: (release) => {
          signal.removeEventListener('abort', onAbort);
          resolve(release);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiting);
      this.#admit();
    });
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (this.#open >= this.#limit) return;
      this.#waiting.delete(waiting);
      this.#open += 1;
      waiting.admit(this.#releaseOnce());
    }
  }

  #releaseOnce(): ReleaseRequest {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#open -= 1;
      this.#admit();
    };
  }
}

/** The gate shared by all queues of the page, because they share the browser's connections. */
export const pageGate = new RequestGate();
