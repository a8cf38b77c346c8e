import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, Migrator, PostgresDialect, SqliteDialect } from 'kysely';
import Database from 'libsql';
import pg from 'pg';
import { migrations } from './migrations.js';

/** A PostgreSQL address; or a file for SQLite, or `:memory:`. */
export type DatabasePlace = { readonly url: string } | { readonly file: string };

/** PostgreSQL's type number of `bigint`. */
const INT8 = 20;

/** Opens SQLite or PostgreSQL by one query builder, and brings the schema up to date. */
export async function openDatabase<Tables>(where: DatabasePlace): Promise<Kysely<Tables>> {
  const db = new Kysely<Tables>({ dialect: 'url' in where ? postgres(where.url) : await sqlite(where.file) });
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return db;
  await db.destroy();
  throw error instanceof Error ? error : new Error('The schema could not be brought up to date.');
}

async function sqlite(file: string): Promise<SqliteDialect> {
  if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
  const database = new Database(file);
  // Readers and a writer do not block each other, and what was answered is on disk.
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000');
  return new SqliteDialect({ database });
}

function postgres(connectionString: string): PostgresDialect {
  // As text a 64-bit number would be a string; ours are far below 2^53.
  pg.types.setTypeParser(INT8, Number);
  return new PostgresDialect({
    pool: new pg.Pool({ connectionString, max: 10, connectionTimeoutMillis: 10_000 }),
  });
}
