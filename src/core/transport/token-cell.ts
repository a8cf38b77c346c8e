/** A token that may be renewed while it is in use: who uses it always takes the newest. */
export class TokenCell {
  #token: string;
  readonly #listeners = new Set<(token: string) => void>();

  constructor(token: string) {
    this.#token = token;
  }

  get current(): string {
    return this.#token;
  }

  /** Replaces the token, and tells who listens. */
  renew(token: string): void {
    this.#token = token;
    for (const listener of this.#listeners) listener(token);
  }

  /** Calls back at every renewal. Returns what ends it. */
  subscribe(listener: (token: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
