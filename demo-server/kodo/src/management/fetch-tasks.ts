/** Number of tasks kept; older ones are dropped. */
const KEPT = 1000;

/** The ids of asynchronous fetches, and whether each has run. Not persisted. */
export class FetchTasks {
  readonly #isRun = new Map<string, boolean>();

  begin(id: string): void {
    this.#isRun.set(id, false);
    const [oldest] = this.#isRun.keys();
    if (this.#isRun.size > KEPT && oldest !== undefined) this.#isRun.delete(oldest);
  }

  end(id: string): void {
    if (this.#isRun.has(id)) this.#isRun.set(id, true);
  }

  isRun(id: string): boolean | undefined {
    return this.#isRun.get(id);
  }
}
