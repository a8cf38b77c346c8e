/** Holds a token that can be renewed while it is in use. */
export class TokenCell {
  #token: string;
  readonly #listeners = new Set<(token: string) => void>();

  constructor(token: string) {
    this.#token = token;
  }

  /** The newest token. */
  get current(): string {
    return this.#token;
  }

  /** Replaces the token and calls the listeners. */
  renew(token: string): void {
    this.#token = token;
    for (const listener of this.#listeners) listener(token);
  }

  /** Calls `listener` on every renewal. Returns a function that unsubscribes. */
  subscribe(listener: (token: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
