import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, Migrator, PostgresDialect, type Dialect } from 'kysely';
import { migrations } from './migrations.js';
import { ResilientPostgresPool } from './postgres-pool.js';
import { sqliteDialect } from './sqlite-dialect.js';

/** A PostgreSQL address; or a file for SQLite, or `:memory:`. */
export type DatabasePlace = { readonly url: string } | { readonly file: string };

export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  /** The connections to PostgreSQL; absent with SQLite. */
  readonly postgres: ResilientPostgresPool | undefined;
}

const CONNECTIONS = 10;

/**
 * Milliseconds. Together they stay below the ten seconds for which Kodo waits for a callback's answer: it then hears 503,
 * not silence.
 */
const [CONNECT_TIMEOUT, STATEMENT_TIMEOUT] = [4000, 4000];

/** Milliseconds for a step of the schema, which also waits for other instances that start at the same time. */
const MIGRATION_TIMEOUT = 60_000;

/**
 * Opens SQLite or PostgreSQL by one query builder, and brings the schema up to date. Several instances may do so at the
 * same time: PostgreSQL's migrations are under an advisory lock, SQLite's in a transaction that begins with the write lock.
 *
 * @param onTrouble called for a connection that breaks while it is idle; it is replaced by itself
 */
export async function openDatabase<Tables>(
  where: DatabasePlace,
  onTrouble: (error: Error) => void,
): Promise<Database<Tables>> {
  if ('file' in where) {
    if (where.file !== ':memory:') await mkdir(dirname(where.file), { recursive: true });
    const db = new Kysely<Tables>({ dialect: sqliteDialect(where.file) });
    await migrate(db).catch((error: unknown) => closeAndThrow(db, error));
    return { db, postgres: undefined };
  }
  const options = { connectionString: where.url, connectTimeout: CONNECT_TIMEOUT, onTrouble };
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
  throw error instanceof Error ? error : new Error('The schema could not be brought up to date.', { cause: error });
}

async function closeAndThrow<Tables>(db: Kysely<Tables>, error: unknown): Promise<never> {
  await db.destroy();
  throw error;
}
