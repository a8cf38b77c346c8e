import { sql, type Kysely, type Selectable } from 'kysely';
import { openDatabase, type Database, type DatabasePlace } from '../database/open-database.js';
import type { ResilientPostgresPool } from '../database/postgres-pool.js';

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

/** What a user has. */
export interface Usage {
  /** Stored files, and files whose token was issued. */
  readonly files: number;
  /** Bytes of all that is stored, and of all that can still be stored by a token. */
  readonly bytes: number;
  /** Uploads whose token was issued and whose file is not stored; deleted ones count until their token ends. */
  readonly open: number;
}

/** What a user may have. */
export interface UsageLimits {
  readonly bytes: number;
  readonly open: number;
}

/** Where a list of uploads, ordered by expiry, goes on. */
export type OverduePosition = Pick<UploadRecord, 'id' | 'expires_at'>;
/** Where a list of stored uploads, oldest first, goes on. */
export type StoredPosition = Pick<StoredUpload, 'id' | 'stored_at'>;

interface Tables {
  readonly uploads: UploadTable;
  readonly request_limits: { readonly key: string; readonly points: number; readonly expire: number | null };
}

export interface Page {
  readonly uploads: readonly StoredUpload[];
  /** Where the next page begins; absent on the last. */
  readonly cursor: string | undefined;
}

/** The uploads, in SQLite or PostgreSQL by one schema and one query builder. */
export class Store {
  readonly #db: Kysely<Tables>;
  /** The connections to PostgreSQL, for limits that hold over several instances; absent with SQLite. */
  readonly postgres: ResilientPostgresPool | undefined;

  private constructor({ db, postgres }: Database<Tables>) {
    this.#db = db;
    this.postgres = postgres;
  }

  /**
   * Opens the database and brings its schema up to date. While the database cannot be reached, every method rejects with
   * `DatabaseUnavailableError`, within ten seconds.
   *
   * @param onTrouble called for an idle connection that breaks; it is replaced by itself
   */
  static async open(where: DatabasePlace, onTrouble: (error: Error) => void = () => undefined): Promise<Store> {
    return new Store(await openDatabase<Tables>(where, onTrouble));
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
   * Issues an upload unless its user would then have more than the limits allow.
   *
   * It is counted after it is written: of several that come at the same time each sees the others, so that together they
   * never exceed a limit.
   *
   * @returns `issued`, or which limit it would exceed
   */
  async issueWithin(limits: UsageLimits, upload: IssuedUpload): Promise<'issued' | keyof UsageLimits> {
    await this.issue(upload);
    const usage = await this.usageOf(upload.end_user);
    const exceeded = (['bytes', 'open'] as const).find((name) => usage[name] > limits[name]);
    if (exceeded === undefined) return 'issued';
    await this.delete(upload.id);
    return exceeded;
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
    if (!ID.test(id)) return undefined; // PostgreSQL takes no NUL, and no id of ours holds anything else
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

  /**
   * Open and deleted uploads whose last token ended before that time, oldest first.
   *
   * @param after the last of the batch before
   */
  async findOverdue(before: number, limit: number, after?: OverduePosition): Promise<readonly UploadRecord[]> {
    let query = this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('status', 'in', ['issued', 'deleted'])
      .where('expires_at', '<', before);
    if (after !== undefined) {
      query = query.where((where) =>
        where.or([
          where('expires_at', '>', after.expires_at),
          where.and([where('expires_at', '=', after.expires_at), where('id', '>', after.id)]),
        ]),
      );
    }
    return query.orderBy('expires_at').orderBy('id').limit(limit).execute();
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

  /**
   * Removes uploads that expired without a file and whose token ended before that time.
   *
   * @returns how many were removed: fewer than `limit` when none is left
   */
  async purge(before: number, limit: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('uploads')
      .where('id', 'in', (query) =>
        query
          .selectFrom('uploads')
          .select('id')
          .where('status', '=', 'expired')
          .where('expires_at', '<', before)
          .limit(limit),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  /** Removes counters of requests whose minute was over at that time. */
  async purgeLimits(now: number): Promise<void> {
    await this.#db.deleteFrom('request_limits').where('expire', '<', now).execute();
  }

  /**
   * Stored uploads older than that time whose follow-up has not been done, oldest first.
   *
   * @param after the last of the batch before
   */
  async findUnfollowed(before: number, limit: number, after?: StoredPosition): Promise<readonly StoredUpload[]> {
    let query = this.#db
      .selectFrom('uploads')
      .selectAll()
      .where('status', '=', 'stored')
      .where('followed_up_at', 'is', null)
      .where('stored_at', '<', before);
    if (after !== undefined) {
      query = query.where((where) =>
        where.or([
          where('stored_at', '>', after.stored_at),
          where.and([where('stored_at', '=', after.stored_at), where('id', '>', after.id)]),
        ]),
      );
    }
    const rows = await query.orderBy('stored_at').orderBy('id').limit(limit).execute();
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

  /**
   * Ends an upload whatever its state is. The row stays until its newest token has ended, a renewed one too: by that token
   * the object could come back.
   */
  async markDeleted(id: string): Promise<void> {
    await this.#db.updateTable('uploads').set({ status: 'deleted' }).where('id', '=', id).execute();
  }

  /** Removes the row of a deleted upload whose last token ended before that time. */
  async deleteEnded(id: string, before: number): Promise<void> {
    await this.#db
      .deleteFrom('uploads')
      .where('id', '=', id)
      .where('status', '=', 'deleted')
      .where('expires_at', '<', before)
      .execute();
  }

  async delete(id: string): Promise<void> {
    await this.#db.deleteFrom('uploads').where('id', '=', id).execute();
  }

  /** @param now milliseconds since 1970 */
  async usageOf(endUser: string, now = Date.now()): Promise<Usage> {
    // A sum is numeric in PostgreSQL, and so a string; of no rows it is null.
    type Sum = number | string | null;
    const { files, bytes, open } = await this.#db
      .selectFrom('uploads')
      .select([
        sql<Sum>`sum(case when status = 'deleted' then 0 else 1 end)`.as('files'),
        sql<Sum>`sum(coalesce(stored_size, size))`.as('bytes'),
        sql<Sum>`sum(case when status = 'stored' then 0 else 1 end)`.as('open'),
      ])
      .where('end_user', '=', endUser)
      .where((where) =>
        where.or([
          where('status', 'in', ['issued', 'stored']),
          where.and([where('status', '=', 'deleted'), where('expires_at', '>', now)]),
        ]),
      )
      .executeTakeFirstOrThrow();
    return { files: Number(files), bytes: Number(bytes), open: Number(open) };
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

/** What an upload's id consists of. */
const ID = /^[\w-]{1,64}$/;

function writeCursor({ stored_at, id }: StoredUpload): string {
  return Buffer.from(`${stored_at}:${id}`).toString('base64url');
}

function readCursor(cursor: string): { readonly storedAt: number; readonly id: string } | undefined {
  const [, storedAt, id] = /^(\d{1,15}):([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return storedAt === undefined || id === undefined ? undefined : { storedAt: Number(storedAt), id };
}
