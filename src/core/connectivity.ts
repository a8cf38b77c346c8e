import { delay } from './back-off.js';

/** Whether the browser has a network at all, and when it has one again. */
export interface Connectivity {
  readonly online: boolean;
  /** Calls back at every change. Returns what ends it. */
  subscribe(listener: () => void): () => void;
}

/** What the browser says; where nobody says anything (Node), always online. */
export const browserConnectivity: Connectivity = {
  get online() {
    return globalThis.navigator?.onLine !== false;
  },
  subscribe(listener) {
    if (typeof globalThis.addEventListener !== 'function') return () => undefined;
    globalThis.addEventListener('online', listener);
    globalThis.addEventListener('offline', listener);
    return () => {
      globalThis.removeEventListener('online', listener);
      globalThis.removeEventListener('offline', listener);
    };
  },
};

/**
 * Resolves when there is a network, at once if there is one.
 *
 * @throws the signal's reason when it is aborted meanwhile
 */
export function untilOnline(connectivity: Connectivity, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const settle = (): void => {
      if (!signal.aborted && !connectivity.online) return;
      unsubscribe();
      signal.removeEventListener('abort', settle);
      if (signal.aborted) reject(signal.reason as Error);
      else resolve();
    };
    const unsubscribe = connectivity.subscribe(settle);
    signal.addEventListener('abort', settle);
    settle();
  });
}

/**
 * Waits so many milliseconds, or until a network comes back that was gone meanwhile.
 *
 * @throws the signal's reason when it is aborted meanwhile
 */
export async function delayOrOnline(
  milliseconds: number,
  connectivity: Connectivity,
  signal: AbortSignal,
): Promise<void> {
  const early = new AbortController();
  const wake = (): void => {
    if (connectivity.online || signal.aborted) early.abort(signal.reason);
  };
  const unsubscribe = connectivity.subscribe(wake);
  signal.addEventListener('abort', wake);
  try {
    await delay(milliseconds, early.signal);
  } catch {
    signal.throwIfAborted(); // else a network is back
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', wake);
  }
}
