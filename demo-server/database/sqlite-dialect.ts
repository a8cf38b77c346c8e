import { setTimeout as wait } from 'node:timers/promises';
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryResult,
} from 'kysely';
import { DatabaseUnavailableError } from './database-unavailable-error.js';
import { SqliteError, SqliteThread } from './sqlite-thread.js';

/** Milliseconds for which a statement waits until another process releases the lock. */
const LOCK_TIMEOUT = 5000;
/** Shortest and longest delay between two attempts, in milliseconds. */
const [MIN_DELAY, MAX_DELAY] = [2, 50];

/**
 * Kysely dialect for SQLite in a separate thread.
 *
 * The driver is `@photostructure/sqlite` 1.x, which provides `node:sqlite` for Node 20 too. The package contains its
 * binaries, so it installs without a compiler or a download, and it resets a statement that failed with `SQLITE_BUSY`.
 * Alternatives: `libsql` 0.5 leaves such a statement in progress, so that nothing after it is committed;
 * `better-sqlite3` 12 and `sqlite3` download their binaries during installation; `better-sqlite3` 13 and `node:sqlite`
 * need Node 22; WebAssembly builds neither share locks with other processes nor support a write-ahead log.
 *
 * Statements that find the database locked are retried here, so that the thread can run other statements in the
 * meantime; those that only read need no lock. All statements share one connection, so a transaction is safe only while
 * nothing else uses the database, as during migrations.
 */
export function sqliteDialect(file: string): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new SqliteThreadDriver(file),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** SQLite can roll back `create table` and `alter table`, so migrations are atomic. */
class TransactionalAdapter extends SqliteAdapter implements DialectAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteThreadDriver implements Driver {
  readonly #thread: SqliteThread;
  readonly #connection: DatabaseConnection;

  constructor(file: string) {
    this.#thread = new SqliteThread(file);
    this.#connection = new SqliteThreadConnection(this.#thread);
  }

  async init(): Promise<void> {
    // the first statement starts the thread
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Acquires the write lock immediately: after a plain `begin`, a process that has read could fail to write.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(): Promise<void> {
    // all statements share one connection
  }

  destroy(): Promise<void> {
    return this.#thread.close();
  }
}

class SqliteThreadConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const end = performance.now() + LOCK_TIMEOUT;
    for (let delay = MIN_DELAY; ; delay = Math.min(delay * 2, MAX_DELAY)) {
      try {
        const { rows, changes } = await this.#thread.run(sql, parameters);
        return { rows: rows as Row[], ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }) };
      } catch (error) {
        if (!(error instanceof SqliteError) || !error.isBusy) throw error;
        if (performance.now() + delay > end) {
          throw new DatabaseUnavailableError('SQLite: another process holds the write lock.', { cause: error });
        }
        await wait(delay);
      }
    }
  }

  streamQuery(): never {
    throw new Error('The SQLite dialect does not support streaming.');
  }
}
