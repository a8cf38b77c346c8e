import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, Migrator, PostgresDialect, type Dialect } from 'kysely';
import { migrations } from './migrations.js';
import { ResilientPostgresPool } from './postgres-pool.js';
import { sqliteDialect } from './sqlite-dialect.js';

/** A PostgreSQL URL, or a file for SQLite, which may be `:memory:`. */
export type DatabasePlace = { readonly url: string } | { readonly file: string };

export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  /** PostgreSQL connection pool. Absent with SQLite. */
  readonly postgres: ResilientPostgresPool | undefined;
}

/** Size of the PostgreSQL connection pool. */
const CONNECTIONS = 10;

/**
 * Milliseconds. Their sum is below the ten seconds for which Kodo waits for a callback's response, so that Kodo gets
 * 503 instead of no response.
 */
const [CONNECT_TIMEOUT, STATEMENT_TIMEOUT] = [4000, 4000];

/** Milliseconds for a migration, including the wait for other instances that start at the same time. */
const MIGRATION_TIMEOUT = 60_000;

/**
 * Opens SQLite or PostgreSQL and migrates the schema. Several instances may do so at the same time: migrations hold an
 * advisory lock in PostgreSQL, and run in a transaction that starts with the write lock in SQLite.
 *
 * @param onConnectionError called when an idle connection is lost, which is then replaced automatically
 */
export async function openDatabase<Tables>(
  where: DatabasePlace,
  onConnectionError: (error: Error) => void,
): Promise<Database<Tables>> {
  if ('file' in where) {
    if (where.file !== ':memory:') await mkdir(dirname(where.file), { recursive: true });
    const db = new Kysely<Tables>({ dialect: sqliteDialect(where.file) });
    await migrate(db).catch((error: unknown) => closeAndThrow(db, error));
    return { db, postgres: undefined };
  }
  const options = { connectionString: where.url, connectTimeout: CONNECT_TIMEOUT, onConnectionError };
  const migrating = new Kysely<Tables>({
    dialect: dialectOf(new ResilientPostgresPool({ ...options, connections: 1, statementTimeout: MIGRATION_TIMEOUT })),
  });
  await migrate(migrating).catch((error: unknown) => closeAndThrow(migrating, error));
  await migrating.destroy();
  const postgres = new ResilientPostgresPool({
    ...options,
    connections: CONNECTIONS,
    statementTimeout: STATEMENT_TIMEOUT,
  });
  return { db: new Kysely<Tables>({ dialect: dialectOf(postgres) }), postgres };
}

function dialectOf(pool: ResilientPostgresPool): Dialect {
  return new PostgresDialect({ pool });
}

async function migrate<Tables>(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw error instanceof Error ? error : new Error('The database schema could not be migrated.', { cause: error });
}

async function closeAndThrow<Tables>(db: Kysely<Tables>, error: unknown): Promise<never> {
  await db.destroy();
  throw error;
}
