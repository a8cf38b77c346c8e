/** Gives a request's place back; calling it twice does nothing. */
export type ReleaseRequest = () => void;

/** Requests at once: what browsers allow an HTTP/1.1 host. */
export const DEFAULT_CONCURRENCY = 6;

interface Waiting {
  readonly admit: (release: ReleaseRequest) => void;
}

/**
 * Lets at most `limit` requests through at once, first come, first served.
 *
 * Files and parts of files wait at the same gate, because a browser opens six connections to an HTTP/1.1 host
 * and no more: a request beyond that would only stand in the browser's own queue, where it cannot be ordered.
 *
 * A gate may stand inside another one, which all queues of a page share: a request then needs a place at both.
 */
export class RequestGate {
  #limit: number;
  #open = 0;
  readonly #outer: RequestGate | undefined;
  readonly #waiting = new Set<Waiting>();

  /**
   * @param limit requests at once, at least 1
   * @param outer a gate that every request also has to pass
   */
  constructor(limit = DEFAULT_CONCURRENCY, outer?: RequestGate) {
    this.#limit = limit;
    this.#outer = outer;
  }

  /** Requests at once. Lowering it ends no running request. */
  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  /** Requests that are through and not yet released. */
  get open(): number {
    return this.#open;
  }

  /**
   * Waits for a place.
   *
   * @throws the signal's reason when it is aborted while waiting
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

/** All queues of the page share the browser's connections. */
export const pageGate = new RequestGate();
