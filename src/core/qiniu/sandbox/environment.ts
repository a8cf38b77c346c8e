/** qiniu-js keeps its resume data here, apart from the page's `localStorage` and from any other upload's. */
const storage = new Map<string, string>();

const sandboxStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = {
  getItem: (key) => storage.get(key) ?? null,
  setItem: (key, value) => void storage.set(key, value),
  removeItem: (key) => void storage.delete(key),
};

/**
 * Gives qiniu-js what it expects of a page: `window`, and a `localStorage` that is the sandbox's own.
 *
 * A worker has neither; a frame has both, but its `localStorage` is the page's.
 */
export function connectEnvironment(): void {
  if (!('window' in self)) Object.defineProperty(self, 'window', { value: self });
  Object.defineProperty(self, 'localStorage', { value: sandboxStorage, configurable: true });
}

/** Forgets what an earlier upload stored. */
export function clearStorage(): void {
  storage.clear();
}
