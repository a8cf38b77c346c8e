/** An open resource and how to close it. */
interface Resource {
  /** Name for error messages, e.g. `the database`. */
  readonly name: string;
  readonly close: () => Promise<void> | void;
}

/** Milliseconds that each resource has to close. */
const CLOSE_TIMEOUT = 10_000;

/** Closes resources in the reverse order in which they were opened, each with a timeout. */
export class Closing {
  readonly #resources: Resource[] = [];
  #closed: Promise<void> | undefined;

  add(name: string, close: Resource['close']): void {
    this.#resources.push({ name, close });
  }

  /**
   * Closes everything; further calls return the same promise. If a resource fails or does not close in time, the others
   * are still closed.
   *
   * @param timeout milliseconds for each resource
   * @throws {Error} listing what was not closed, and why
   */
  close(timeout = CLOSE_TIMEOUT): Promise<void> {
    this.#closed ??= this.#closeAll(timeout);
    return this.#closed;
  }

  async #closeAll(timeout: number): Promise<void> {
    const failures: string[] = [];
    for (const { name, close } of this.#resources.splice(0).reverse()) {
      try {
        await withTimeout(timeout, close);
      } catch (error) {
        failures.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
      }
    }
    if (failures.length > 0) throw new Error(`Not everything could be closed: ${failures.join(', ')}.`);
  }
}

async function withTimeout(timeout: number, close: Resource['close']): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not closed within ${timeout / 1000} s`)), timeout);
  });
  try {
    await Promise.race([close(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
