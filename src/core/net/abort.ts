/** Helpers for asynchronous work that an `AbortSignal` cancels. */

/** A controller that aborts together with a signal and can also be aborted on its own. */
export interface LinkedAbort {
  readonly controller: AbortController;
  /** Removes the listener from the signal; call it when the work ends. */
  readonly unlink: () => void;
}

/** Creates a linked controller: web views from 2023 that are still in use lack `AbortSignal.any()`. */
export function linkAbort(signal: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return { controller, unlink: () => signal.removeEventListener('abort', onAbort) };
}

/**
 * Waits for a promise or for the signal to abort, whichever comes first, even if the promise ignores the signal.
 *
 * @throws the signal's reason as soon as it is aborted; the promise's own result is then ignored
 */
export function untilAborted<T>(work: PromiseLike<T> | T, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Limits how long a function that the page provides may take. */
export interface CallLimit {
  readonly signal: AbortSignal;
  /** Milliseconds; `undefined` for no limit. */
  readonly timeout: number | undefined;
  /** Creates the error to throw on timeout. */
  readonly onTimeout: () => Error;
}

/**
 * Calls a function that the page provides and waits for its result until the signal aborts or the timeout elapses. The
 * function receives a signal that is aborted in either case, and may ignore it.
 *
 * @throws the function's error, the signal's reason, or `onTimeout()`
 */
export async function callWithLimit<T>(
  call: (signal: AbortSignal) => PromiseLike<T> | T,
  { signal, timeout, onTimeout }: CallLimit,
): Promise<T> {
  signal.throwIfAborted();
  const { controller, unlink } = linkAbort(signal);
  const timeoutId = timeout === undefined ? undefined : setTimeout(() => controller.abort(onTimeout()), timeout);
  try {
    return await untilAborted(call(controller.signal), controller.signal);
  } finally {
    clearTimeout(timeoutId);
    unlink();
  }
}

/**
 * Waits for a number of milliseconds.
 *
 * @param milliseconds capped at 2^31 - 1, the maximum of `setTimeout`
 * @throws the signal's reason if it is aborted meanwhile
 */
export function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timeoutId);
      reject(signal.reason as Error);
    };
    const timeoutId = setTimeout(
      () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      },
      Math.min(milliseconds, 2 ** 31 - 1),
    );
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
