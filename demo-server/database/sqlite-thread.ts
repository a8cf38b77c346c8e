import { Worker } from 'node:worker_threads';
import { DatabaseUnavailableError } from './database-unavailable-error.js';

/** What a statement gave. */
export interface SqliteResult {
  readonly rows: readonly unknown[];
  /** Rows that were inserted, updated or deleted; absent for a statement that returns rows. */
  readonly changes: number | undefined;
}

/** SQLite's own error. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  /** Whether another connection holds the lock that was needed: nothing was done, and it may be tried again. */
  readonly isBusy: boolean;

  constructor(message: string, isBusy: boolean) {
    super(message);
    this.isBusy = isBusy;
  }
}

interface WorkerAnswer extends Partial<SqliteResult> {
  readonly id: number;
  readonly error?: {
    readonly message: string;
    readonly isBusy: boolean;
    /** Whether the statement is at fault, and not file, disk or connection. */
    readonly isHarmless: boolean;
  };
}

interface Waiting {
  readonly resolve: (result: SqliteResult) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Milliseconds after which a statement that the disk holds up is given up. */
const STATEMENT_TIMEOUT = 8000;

/** Milliseconds that the thread has to close the file. */
const CLOSE_TIMEOUT = 5000;

/**
 * One SQLite connection in a thread of its own; see `sqlite-worker.js`. A thread that ends unasked is started anew with
 * the next statement.
 */
export class SqliteThread {
  readonly #file: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;
  #isClosed = false;

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * @throws {SqliteError} when SQLite refuses the statement
   * @throws {DatabaseUnavailableError} when the file, the disk or the thread is at fault
   */
  run(sql: string, parameters: readonly unknown[]): Promise<SqliteResult> {
    if (this.#isClosed) return Promise.reject(new DatabaseUnavailableError('The database is closed.'));
    const worker = (this.#worker ??= this.#start());
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const waiting = this.#take(id);
        waiting?.reject(new DatabaseUnavailableError(`SQLite did not answer within ${STATEMENT_TIMEOUT} ms.`));
      }, STATEMENT_TIMEOUT);
      this.#waiting.set(id, { resolve, reject, timer });
      worker.ref(); // an idle thread does not keep the process alive, but a statement does
      worker.postMessage({ id, sql, parameters });
    });
  }

  /** Closes the file after the statements that are under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.ref();
    worker.postMessage({ close: true });
    const timer = setTimeout(() => void worker.terminate(), CLOSE_TIMEOUT);
    await ended;
    clearTimeout(timer);
  }

  #start(): Worker {
    // Without the process's own options: the thread needs no TypeScript loader.
    const worker = new Worker(new URL('sqlite-worker.js', import.meta.url), {
      workerData: { file: this.#file },
      execArgv: [],
    });
    worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#abandon(worker, error.message));
    worker.on('exit', () => this.#abandon(worker, 'its thread ended'));
    worker.unref();
    return worker;
  }

  #settle({ id, rows = [], changes, error }: WorkerAnswer): void {
    const waiting = this.#take(id);
    if (error === undefined) waiting?.resolve({ rows, changes });
    else if (error.isHarmless) waiting?.reject(new SqliteError(error.message, error.isBusy));
    else waiting?.reject(new DatabaseUnavailableError(`SQLite: ${error.message}`));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    if (this.#waiting.size === 0) this.#worker?.unref();
    return waiting;
  }

  #abandon(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const id of [...this.#waiting.keys()]) {
      this.#take(id)?.reject(new DatabaseUnavailableError(`SQLite could not be asked: ${why}.`));
    }
  }
}
