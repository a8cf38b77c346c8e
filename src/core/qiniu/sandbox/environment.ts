/**
 * Gives qiniu-js what it expects of a page: `window`, and a `localStorage` that is the sandbox's own.
 *
 * A worker has neither; a frame has both, but its `localStorage` is the page's.
 */
export function connectEnvironment(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): void {
  if (!('window' in self)) Object.defineProperty(self, 'window', { value: self });
  Object.defineProperty(self, 'localStorage', { value: storage, configurable: true });
}
