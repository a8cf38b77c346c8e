/** Something that was opened, and how it is closed. */
interface Opened {
  /** What a person would call it, e.g. `the database`. */
  readonly name: string;
  readonly close: () => Promise<void> | void;
}

/** Milliseconds that each thing has to close. */
const CLOSE_TIMEOUT = 10_000;

/** What was opened, closed in the opposite order, each within bounded time. */
export class Closing {
  readonly #opened: Opened[] = [];
  #closed: Promise<void> | undefined;

  add(name: string, close: Opened['close']): void {
    this.#opened.push({ name, close });
  }

  /**
   * Closes everything, once. What does not close in time is left behind, and so is what fails; the rest is closed all the
   * same.
   *
   * @throws {Error} names what did not close, and why
   */
  close(timeout = CLOSE_TIMEOUT): Promise<void> {
    this.#closed ??= this.#closeAll(timeout);
    return this.#closed;
  }

  async #closeAll(timeout: number): Promise<void> {
    const failures: string[] = [];
    for (const { name, close } of this.#opened.splice(0).reverse()) {
      try {
        await within(timeout, close);
      } catch (error) {
        failures.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
      }
    }
    if (failures.length > 0) throw new Error(`Not everything could be closed: ${failures.join(', ')}.`);
  }
}

async function within(timeout: number, close: Opened['close']): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not closed within ${timeout / 1000} s`)), timeout);
  });
  try {
    await Promise.race([close(), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
