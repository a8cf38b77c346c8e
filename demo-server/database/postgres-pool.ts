import pg from 'pg';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import { DatabaseUnavailableError } from './database-unavailable-error.js';

/** PostgreSQL's type OID of `bigint`. */
const INT8 = 20;

// By default, 64-bit numbers are returned as strings. Ours are far below 2^53.
pg.types.setTypeParser(INT8, Number);

export interface PostgresPoolOptions {
  readonly connectionString: string;
  readonly connections: number;
  /** Timeout of waiting for a connection, in milliseconds. */
  readonly connectTimeout: number;
  /** Timeout of a statement, in milliseconds. */
  readonly statementTimeout: number;
  /** Called when a connection is lost while no statement is running on it. */
  readonly onConnectionError: (error: Error) => void;
}

/**
 * PostgreSQL connection pool that recovers from restarts, crashes and unresponsive servers: a query on a broken
 * connection rejects with `DatabaseUnavailableError`, the connection is closed, and the next query opens a new one.
 */
export class ResilientPostgresPool implements PostgresPool {
  readonly #pool: pg.Pool;

  constructor({
    connectionString,
    connections,
    connectTimeout,
    statementTimeout,
    onConnectionError,
  }: PostgresPoolOptions) {
    this.#pool = new pg.Pool({
      connectionString,
      max: connections,
      keepAlive: true,
      connectionTimeoutMillis: connectTimeout,
      // The server enforces the first; the client enforces the second, in case the server is frozen or unreachable.
      statement_timeout: statementTimeout,
      query_timeout: statementTimeout,
    });
    // An `error` event without a listener would terminate the process. The pool emits it for idle connections, and the
    // client for connections that are in use but between two statements.
    this.#pool.on('error', onConnectionError);
    this.#pool.on('connect', (client) => client.on('error', onConnectionError));
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
    // Kysely also supports `query(cursor)` for streams, which are not used here.
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
 * SQLSTATE classes of errors that the statement did not cause: connection (08), rollback by the server (40), resources
 * (53), locks (55), operator intervention or shutdown (57), system error (58), internal error (XX), and a read-only
 * server (25006).
 *
 * Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const SERVER_ERROR = /^(08|40|53|55|57|58|XX)|^25006$/;

function explain(error: unknown): unknown {
  return error instanceof pg.DatabaseError && !SERVER_ERROR.test(error.code ?? '') ? error : unavailable(error);
}

function unavailable(error: unknown): DatabaseUnavailableError {
  const { message, code } = error as NodeJS.ErrnoException;
  return new DatabaseUnavailableError(`PostgreSQL: ${message || code || String(error)}`, { cause: error });
}

/** Whether the connection is unusable: after a missing response, the state of the connection is unknown. */
function breaksConnection(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|57P|58|XX)/.test(error.code ?? '');
}
