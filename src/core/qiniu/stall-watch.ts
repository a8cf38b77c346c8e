/** Notices that nothing moves while something should. */
export class StallWatch {
  readonly #timeout: number;
  readonly #onStall: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  /** @param timeout milliseconds */
  constructor(timeout: number, onStall: () => void) {
    this.#timeout = timeout;
    this.#onStall = onStall;
  }

  /** Something moved. @param isOpen whether a request is open, so that more should come */
  touch(isOpen: boolean = this.#isOpen): void {
    this.#isOpen = isOpen;
    clearTimeout(this.#timer);
    if (isOpen) this.#timer = setTimeout(this.#onStall, this.#timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
