/** Reports whether the browser is online. A hint only: `navigator.onLine` is wrong on some systems. */
export interface Connectivity {
  readonly online: boolean;
  /** Calls `listener` whenever `online` changes. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void;
}

/** Uses `navigator.onLine` and its events; always online if the property does not exist (Node). */
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
