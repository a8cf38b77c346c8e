/** Notices that nothing moves while something should. */
export class StallWatch {
  readonly #timeout: number;
  readonly #onStall: () => void;
  /** One for many movements: setting it anew at each would be a good part of what a small file costs. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  /** When something moved last, as `performance.now()` tells time. */
  #movedAt = 0;

  /** @param timeout milliseconds */
  constructor(timeout: number, onStall: () => void) {
    this.#timeout = timeout;
    this.#onStall = onStall;
  }

  /** Something moved. @param isOpen whether a request is open, so that more should come */
  touch(isOpen: boolean = this.#isOpen): void {
    this.#isOpen = isOpen;
    this.#movedAt = performance.now();
    if (isOpen && this.#timer === undefined) this.#wait(this.#timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const left = this.#movedAt + this.#timeout - performance.now();
      if (!this.#isOpen) return;
      if (left > 0) this.#wait(left);
      else this.#onStall();
    }, milliseconds);
  }
}
