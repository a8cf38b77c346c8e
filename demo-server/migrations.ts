import type { Kysely, Migration } from 'kysely';

/** Every step of the schema, by name in order; a step that was released is never changed. */
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
    async down(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('uploads').execute();
    },
  },
};
