/**
 * Provides the globals that qiniu-js needs: `window`, and a `localStorage` private to the sandbox.
 *
 * A worker has neither; a frame has both, but its `localStorage` is the page's.
 */
export function connectEnvironment(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): void {
  if (!('window' in self)) Object.defineProperty(self, 'window', { value: self });
  Object.defineProperty(self, 'localStorage', { value: storage, configurable: true });
}
