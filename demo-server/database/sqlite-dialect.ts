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

/** Milliseconds for which a statement waits until another process gives the lock back. */
const LOCK_TIMEOUT = 5000;
/** Milliseconds between two tries, at first and at last. */
const [FIRST_PAUSE, LAST_PAUSE] = [2, 50];

/**
 * Kysely's dialect for SQLite in a thread of its own.
 *
 * The driver is `@photostructure/sqlite` 1.x, which is `node:sqlite` for Node 20 too. Its binaries are in the package, so
 * that it installs without a compiler and without a download; it resets a statement that failed with `SQLITE_BUSY`. What
 * else there is: `libsql` 0.5 leaves such a statement in progress, so that nothing after it is committed; `better-sqlite3`
 * 12 and `sqlite3` download their binaries from elsewhere while they are installed; `better-sqlite3` 13 and `node:sqlite`
 * need Node 22; WebAssembly builds neither share locks with other processes nor know a write-ahead log.
 *
 * A statement that finds the database locked is tried again from here: meanwhile the thread runs those of others, and
 * those that only read need no lock. All share one connection, so a transaction may only be begun while nobody else uses
 * the database: the migrations' is.
 */
export function sqliteDialect(file: string): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new SqliteThreadDriver(file),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
}

/** SQLite can take back `create table` and `alter table`: a migration is done whole or not at all. */
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
    // the thread is started with the first statement
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Takes the write lock now: with a plain `begin`, of two processes that have read the same the second could not write.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async releaseConnection(): Promise<void> {
    // there is one, for all
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
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LAST_PAUSE)) {
      try {
        const { rows, changes } = await this.#thread.run(sql, parameters);
        return { rows: rows as Row[], ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }) };
      } catch (error) {
        if (!(error instanceof SqliteError) || !error.isBusy) throw error;
        if (performance.now() + pause > end) {
          throw new DatabaseUnavailableError('SQLite: another process holds the write lock.', { cause: error });
        }
        await wait(pause);
      }
    }
  }

  streamQuery(): never {
    throw new Error('SQLite in a thread does not stream.');
  }
}
