import { sql, type Kysely, type Selectable } from 'kysely';
import { openDatabase, type DatabasePlace } from './database.js';

/**
 * One upload: written when its token is issued; then `stored`, once, when Kodo's callback, the visitor's question or the
 * sweeper told that the bytes are there, or `expired`; `deleted` only until its token can bring nothing back. Times in
 * milliseconds since 1970.
 */
interface UploadTable {
  readonly id: string;
  readonly status: 'issued' | 'stored' | 'expired' | 'deleted';
  readonly bucket: string;
  /** Absent until it is stored when `saveKey` names the object. */
  readonly key: string | null;
  /** The policy's `saveKey`, where that names the object. */
  readonly save_key: string | null;
  /** The file's name as the client stated it: text to show, never a path. */
  readonly name: string;
  /** Bytes, as the client stated them. */
  readonly size: number;
  /** Media type, as the client stated it. */
  readonly type: string;
  /** As Kodo holds it. */
  readonly stored_size: number | null;
  readonly stored_type: string | null;
  readonly hash: string | null;
  /** Pixels; only of pictures. */
  readonly width: number | null;
  readonly height: number | null;
  /** A picture's average colour, `#rrggbb`; known a little after it is stored. */
  readonly color: string | null;
  /** Whom it belongs to. */
  readonly end_user: string;
  readonly told_by: TellingWay | null;
  /** Kodo's name for the request that told it, which Qiniu's support asks for. */
  readonly reqid: string | null;
  readonly issued_at: number;
  /** Until when its newest token is good. */
  readonly expires_at: number;
  readonly stored_at: number | null;
  /** When what is done after the answer was done. */
  readonly followed_up_at: number | null;
}

/** How this server heard that an object is there: by Kodo's callback, because the visitor asked, or by the sweeper. */
export type TellingWay = 'callback' | 'confirm' | 'sweep';

export type UploadRecord = Readonly<Selectable<UploadTable>>;

/** A record whose bytes are in Kodo. */
export type StoredUpload = UploadRecord & {
  readonly status: 'stored';
  readonly key: string;
  readonly hash: string;
  readonly stored_size: number;
  readonly stored_type: string;
  readonly stored_at: number;
};

export type IssuedUpload = Pick<
  UploadRecord,
  'id' | 'bucket' | 'key' | 'save_key' | 'name' | 'size' | 'type' | 'end_user' | 'expires_at'
>;

/** What is known of the stored object. */
export interface ObjectFacts {
  readonly key: string;
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly toldBy: TellingWay;
  readonly reqid: string | null;
}

/** What a user has, with what is on its way. */
export interface Usage {
  readonly files: number;
  readonly bytes: number;
}

export interface Page {
  readonly uploads: readonly StoredUpload[];
  /** Where the next page begins; absent on the last. */
  readonly cursor: string | undefined;
}

/** The uploads, in SQLite or PostgreSQL by one schema and one query builder. */
export class Store {
  readonly #db: Kysely<{ uploads: UploadTable }>;

  private constructor(db: Kysely<{ uploads: UploadTable }>) {
    this.#db = db;
  }

  /** Opens the database, its schema up to date. */
  static async open(where: DatabasePlace): Promise<Store> {
    return new Store(await openDatabase<{ uploads: UploadTable }>(where));
  }

  async issue(upload: IssuedUpload): Promise<void> {
    const facts = { hash: null, width: null, height: null, color: null, stored_size: null, stored_type: null };
    const telling = { told_by: null, reqid: null, stored_at: null, followed_up_at: null };
    await this.#db
      .insertInto('uploads')
      .values({ ...upload, ...facts, ...telling, status: 'issued', issued_at: Date.now() })
      .execute();
  }

  /**
   * Issues an upload where its user then has no more than so many bytes.
   *
   * It is counted after it is written: of several that come at the same time each sees the others, and too many never
   * get in.
   *
   * @returns whether it was issued
   */
  async issueWithin(quota: number, upload: IssuedUpload): Promise<boolean> {
    await this.issue(upload);
    const { bytes } = await this.usageOf(upload.end_user);
    if (bytes <= quota) return true;
    await this.delete(upload.id);
    return false;
  }

  /** Notes that a new token was given; of an upload that is still open. @returns whether it is */
  async renew(id: string, expiresAt: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('uploads')
      .set({ expires_at: expiresAt })
      .where('id', '=', id)
      .where('status', '=', 'issued')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async find(id: string): Promise<UploadRecord | undefined> {
    return this.#db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Completes an upload once; of several callers at the same time one writes, and all read the same row. */
  async complete(id: string, facts: ObjectFacts): Promise<StoredUpload | undefined> {
    const { size, type, toldBy, ...rest } = facts;
    await this.#db
      .updateTable('uploads')
      .set({ ...rest, stored_size: size, stored_type: type, told_by: toldBy, status: 'stored', stored_at: Date.now() })
      .where('id', '=', id)
      .where('status', 'in', ['issued', 'expired']) // a callback may be late
      .execute();
    const row = await this.find(id);
    return row !== undefined && isStored(row) ? row : undefined;
  }

  /** Open and deleted uploads whose last token ended before that time, oldest first. */
  async findOverdue(before: number, limit: number): Promise<readonly UploadRecord[]> {
    return this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('status', 'in', ['issued', 'deleted'])
      .where('expires_at', '<', before)
      .orderBy('expires_at')
      .limit(limit)
      .execute();
  }

  /** Ends an upload that nothing came of, unless it is there or was renewed meanwhile. */
  async expire(id: string, before: number): Promise<void> {
    await this.#db
      .updateTable('uploads')
      .set({ status: 'expired' })
      .where('id', '=', id)
      .where('status', '=', 'issued')
      .where('expires_at', '<', before)
      .execute();
  }

  /** Stored uploads that nothing was done for yet although they are older than that time, oldest first. */
  async findUnfollowed(before: number, limit: number): Promise<readonly StoredUpload[]> {
    const rows = await this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('status', '=', 'stored')
      .where('followed_up_at', 'is', null)
      .where('stored_at', '<', before)
      .orderBy('stored_at')
      .limit(limit)
      .execute();
    return rows.filter(isStored);
  }

  /** Notes that what is done after the answer was done, with what it found. */
  async followUp(id: string, found: { readonly color: string | null }): Promise<void> {
    await this.#db
      .updateTable('uploads')
      .set({ ...found, followed_up_at: Date.now() })
      .where('id', '=', id)
      .execute();
  }

  /** Ends an upload whose token may still be good: the row stays, so that nobody can bring the object back unseen. */
  async markDeleted(id: string): Promise<void> {
    await this.#db.updateTable('uploads').set({ status: 'deleted' }).where('id', '=', id).execute();
  }

  async delete(id: string): Promise<void> {
    await this.#db.deleteFrom('uploads').where('id', '=', id).execute();
  }

  async usageOf(endUser: string): Promise<Usage> {
    const { files, bytes } = await this.#db
      .selectFrom('uploads')
      .select(({ fn }) => [
        fn.countAll<number | string>().as('files'),
        // numeric in PostgreSQL, and so a string
        sql<number | string | null>`sum(coalesce(stored_size, size))`.as('bytes'),
      ])
      .where('end_user', '=', endUser)
      .where('status', 'in', ['issued', 'stored'])
      .executeTakeFirstOrThrow();
    return { files: Number(files), bytes: Number(bytes ?? 0) };
  }

  /**
   * A user's stored uploads, newest first.
   *
   * @param cursor from the page before
   */
  async list(endUser: string, limit: number, cursor?: string): Promise<Page> {
    let query = this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('end_user', '=', endUser)
      .where('status', '=', 'stored');
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (after !== undefined) {
      query = query.where((where) =>
        where.or([
          where('stored_at', '<', after.storedAt),
          where.and([where('stored_at', '=', after.storedAt), where('id', '<', after.id)]),
        ]),
      );
    }
    const rows = await query
      .orderBy('stored_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    const uploads = rows.slice(0, limit).filter(isStored);
    const last = uploads.at(-1);
    return { uploads, cursor: rows.length > limit && last !== undefined ? writeCursor(last) : undefined };
  }

  /** @throws when the database cannot be asked */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.#db);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

/** Whether the record's bytes are in Kodo. */
export function isStored(record: UploadRecord): record is StoredUpload {
  return record.status === 'stored' && record.key !== null && record.hash !== null && record.stored_at !== null;
}

function writeCursor({ stored_at, id }: StoredUpload): string {
  return Buffer.from(`${stored_at}:${id}`).toString('base64url');
}

function readCursor(cursor: string): { readonly storedAt: number; readonly id: string } | undefined {
  const [, storedAt, id] = /^(\d{1,15}):(.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return storedAt === undefined || id === undefined ? undefined : { storedAt: Number(storedAt), id };
}
