/** Helpers for asynchronous work that an `AbortSignal` ends. */

/** A controller that follows a signal and can also be aborted on its own. */
export interface LinkedAbort {
  readonly controller: AbortController;
  /** Stops following the signal; call it when the work is over. */
  readonly unlink: () => void;
}

/** `AbortSignal.any()` is missing from the web views of 2023 that are still in use. */
export function linkAbort(signal: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return { controller, unlink: () => signal.removeEventListener('abort', onAbort) };
}

/**
 * Waits for a promise, but no longer than the signal allows: the promise itself may ignore the signal.
 *
 * @throws the signal's reason as soon as it is aborted; what becomes of the promise after that is ignored
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

/** How long a function of the page may take. */
export interface CallLimit {
  readonly signal: AbortSignal;
  /** Milliseconds; `undefined` for no limit. */
  readonly timeout: number | undefined;
  /** The error to throw when the time is up. */
  readonly onTimeout: () => Error;
}

/**
 * Calls a function that the page provides, and waits for its result no longer than the signal and the time limit allow.
 * The function gets a signal that is aborted in either case, but does not have to obey it.
 *
 * @throws what the function throws, the signal's reason, or `onTimeout()`
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
 * Waits.
 *
 * @param milliseconds at most 2^31 - 1 count: `setTimeout` takes no more
 * @throws the signal's reason when it is aborted meanwhile
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
