import { Worker } from 'node:worker_threads';
import { DatabaseUnavailableError } from './database-unavailable-error.js';

/** Result of a statement. */
export interface SqliteResult {
  readonly rows: readonly unknown[];
  /** Number of rows inserted, updated or deleted. Absent for a statement that returns rows. */
  readonly changes: number | undefined;
}

/** An error reported by SQLite. */
export class SqliteError extends Error {
  override readonly name = 'SqliteError';
  /** Whether another connection holds the required lock. The statement had no effect and can be retried. */
  readonly isBusy: boolean;

  constructor(message: string, isBusy: boolean) {
    super(message);
    this.isBusy = isBusy;
  }
}

interface WorkerResponse extends Partial<SqliteResult> {
  readonly id: number;
  readonly error?: {
    readonly message: string;
    readonly isBusy: boolean;
    /** Whether the statement caused the error, rather than the file, the disk or the connection. */
    readonly isHarmless: boolean;
  };
}

interface PendingStatement {
  readonly resolve: (result: SqliteResult) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Timeout of a statement, e.g. because of a slow disk, in milliseconds. */
const STATEMENT_TIMEOUT = 8000;

/** Milliseconds that the thread has to close the database file. */
const CLOSE_TIMEOUT = 5000;

/**
 * One SQLite connection in a separate thread; see `sqlite-worker.js`. If the thread exits unexpectedly, the next
 * statement starts a new one.
 */
export class SqliteThread {
  readonly #file: string;
  readonly #waiting = new Map<number, PendingStatement>();
  #worker: Worker | undefined;
  #lastId = 0;
  #isClosed = false;

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Runs one statement.
   *
   * @throws {SqliteError} if the statement causes an error, or the database is locked
   * @throws {DatabaseUnavailableError} if the file, the disk or the thread fails
   */
  run(sql: string, parameters: readonly unknown[]): Promise<SqliteResult> {
    if (this.#isClosed) return Promise.reject(new DatabaseUnavailableError('The database is closed.'));
    const worker = (this.#worker ??= this.#start());
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const waiting = this.#take(id);
        waiting?.reject(new DatabaseUnavailableError(`SQLite did not respond within ${STATEMENT_TIMEOUT} ms.`));
      }, STATEMENT_TIMEOUT);
      this.#waiting.set(id, { resolve, reject, timer });
      worker.ref(); // only a running statement keeps the process alive, not an idle thread
      worker.postMessage({ id, sql, parameters });
    });
  }

  /** Waits for running statements, then closes the database file. */
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
    // Does not inherit the process's options: the thread needs no TypeScript loader.
    const worker = new Worker(new URL('sqlite-worker.js', import.meta.url), {
      workerData: { file: this.#file },
      execArgv: [],
    });
    worker.on('message', (response: WorkerResponse) => this.#complete(response));
    worker.on('error', (error) => this.#rejectAll(worker, error.message));
    worker.on('exit', () => this.#rejectAll(worker, 'its thread exited'));
    worker.unref();
    return worker;
  }

  #complete({ id, rows = [], changes, error }: WorkerResponse): void {
    const waiting = this.#take(id);
    if (error === undefined) waiting?.resolve({ rows, changes });
    else if (error.isHarmless) waiting?.reject(new SqliteError(error.message, error.isBusy));
    else waiting?.reject(new DatabaseUnavailableError(`SQLite: ${error.message}`));
  }

  #take(id: number): PendingStatement | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    if (this.#waiting.size === 0) this.#worker?.unref();
    return waiting;
  }

  #rejectAll(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const id of [...this.#waiting.keys()]) {
      this.#take(id)?.reject(new DatabaseUnavailableError(`SQLite failed: ${why}.`));
    }
  }
}
