import pg from 'pg';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseUnavailableError } from './database-unavailable-error.js';

/** PostgreSQL's type number of `bigint`. */
const INT8 = 20;

// As text a 64-bit number would be a string; ours are far below 2^53.
pg.types.setTypeParser(INT8, Number);

export interface PostgresPoolOptions {
  readonly connectionString: string;
  readonly connections: number;
  /** Milliseconds after which waiting for a connection ends with an error. */
  readonly connectTimeout: number;
  /** Milliseconds after which a statement ends with an error. */
  readonly statementTimeout: number;
  /** Called for a connection that breaks while no statement is running on it. */
  readonly onTrouble: (error: Error) => void;
}

/**
 * Connections to PostgreSQL that survive its restart, crash and silence: whoever asks on a broken connection gets a
 * `DatabaseUnavailableError`, the connection is closed, and the next request opens another.
 */
export class ResilientPostgresPool implements PostgresPool {
  readonly #pool: pg.Pool;

  constructor({ connectionString, connections, connectTimeout, statementTimeout, onTrouble }: PostgresPoolOptions) {
    this.#pool = new pg.Pool({
      connectionString,
      max: connections,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeout,
      // The first is the server's own; the second also ends waiting for a server that is frozen or cut off.
      statement_timeout: statementTimeout,
      query_timeout: statementTimeout,
    });
    // An `error` event without a listener ends the process. The pool emits it for an idle connection, and the client for
    // one that is in use but between two statements.
    this.#pool.on('error', onTrouble);
    this.#pool.on('connect', (client) => client.on('error', onTrouble));
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#open();
    let isBroken = false;
    const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
      try {
        return await client.query(text, [...values]);
      } catch (error) {
        isBroken ||= breaksConnection(error);
        throw explain(error);
      }
    };
    // Kysely also knows `query(cursor)`, for streams; nothing here streams.
    return { query, release: () => client.release(isBroken) } as unknown as PostgresPoolClient;
  }

  /** Runs one statement, for code that does not use Kysely. */
  async query(config: pg.QueryConfig): Promise<pg.QueryResult> {
    const client = await this.#open();
    let isBroken = false;
    try {
      return await client.query(config);
    } catch (error) {
      isBroken = breaksConnection(error);
      throw explain(error);
    } finally {
      client.release(isBroken);
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  async #open(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/**
 * SQLSTATE classes that say nothing against the statement: connection (08), rollback by the server (40), resources (53),
 * locks (55), an operator or a shutdown (57), the system (58), an internal error (XX), and a server that is read-only.
 *
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SERVERS_FAULT = /^(08|40|53|55|57|58|XX)|^25006$/;

function explain(error: unknown): unknown {
  return error instanceof pg.DatabaseError && !SERVERS_FAULT.test(error.code ?? '') ? error : unavailable(error);
}

function unavailable(error: unknown): DatabaseUnavailableError {
  const { message, code } = error as NodeJS.ErrnoException;
  return new DatabaseUnavailableError(`PostgreSQL: ${message || code || String(error)}`, { cause: error });
}

/** Whether the connection cannot be trusted any more: without an answer nobody knows what comes next on it. */
function breaksConnection(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|57P|58|XX)/.test(error.code ?? '');
}
