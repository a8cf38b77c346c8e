import { sql, type Kysely, type Migration } from 'kysely';

/** All migrations, in order of their names. A released migration is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-uploads': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('uploads')
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('status', 'varchar(16)', (column) => column.notNull())
        .addColumn('bucket', 'varchar(63)', (column) => column.notNull())
        .addColumn('key', 'varchar(750)')
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('size', 'bigint', (column) => column.notNull())
        .addColumn('type', 'varchar(255)', (column) => column.notNull())
        .addColumn('hash', 'varchar(64)')
        .addColumn('width', 'integer')
        .addColumn('height', 'integer')
        .addColumn('end_user', 'varchar(255)', (column) => column.notNull())
        .addColumn('issued_at', 'bigint', (column) => column.notNull())
        .addColumn('stored_at', 'bigint')
        .execute();
      await db.schema.createIndex('uploads_by_time').on('uploads').columns(['status', 'stored_at', 'id']).execute();
    },
  },
  '002-upload-life': {
    async up(db: Kysely<unknown>): Promise<void> {
      const columns = [
        ['stored_size', 'bigint'],
        ['stored_type', 'varchar(255)'],
        ['told_by', 'varchar(16)'],
        ['reqid', 'varchar(255)'],
        ['expires_at', 'bigint'],
      ] as const;
      for (const [name, type] of columns) await db.schema.alterTable('uploads').addColumn(name, type).execute();
      await sql`update uploads set stored_size = size, stored_type = type where status = 'stored'`.execute(db);
      await sql`update uploads set expires_at = issued_at + 3600000`.execute(db);
      await db.schema.createIndex('uploads_by_key').on('uploads').columns(['bucket', 'key']).unique().execute();
      await db.schema.dropIndex('uploads_by_time').execute();
      await db.schema
        .createIndex('uploads_by_user')
        .on('uploads')
        .columns(['end_user', 'status', 'stored_at', 'id'])
        .execute();
      await db.schema.createIndex('uploads_by_expiry').on('uploads').columns(['status', 'expires_at']).execute();
    },
  },
  '003-follow-up': {
    async up(db: Kysely<unknown>): Promise<void> {
      const columns = [
        ['save_key', 'varchar(750)'],
        ['color', 'varchar(16)'],
        ['followed_up_at', 'bigint'],
      ] as const;
      for (const [name, type] of columns) await db.schema.alterTable('uploads').addColumn(name, type).execute();
      await sql`update uploads set followed_up_at = stored_at`.execute(db);
      await db.schema
        .createIndex('uploads_by_follow_up')
        .on('uploads')
        .columns(['status', 'followed_up_at', 'stored_at'])
        .execute();
    },
  },
  '004-limits': {
    async up(db: Kysely<unknown>): Promise<void> {
      // The schema that rate-limiter-flexible expects. Used only with PostgreSQL.
      await db.schema
        .createTable('request_limits')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('points', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('expire', 'bigint')
        .execute();
    },
  },
};
