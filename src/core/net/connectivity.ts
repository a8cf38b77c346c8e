/** Whether the browser believes that it has a network. A hint only: `navigator.onLine` is wrong on some systems. */
export interface Connectivity {
  readonly online: boolean;
  /** Calls back at every change. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void;
}

/** `navigator.onLine` and its events; always online where there is no such property (Node). */
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
