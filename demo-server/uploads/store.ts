import { sql, type Kysely, type Selectable } from 'kysely';
import { openDatabase, type Database, type DatabasePlace } from '../database/open-database.js';
import type { ResilientPostgresPool } from '../database/postgres-pool.js';

/**
 * One upload. The row is inserted when a token is issued. It becomes `stored`, once, when a callback, a confirm request
 * or the sweeper reports the object, or else `expired`. A `deleted` row is kept only until its token expires, because
 * until then the token could restore the object. Times are in milliseconds since 1970.
 */
interface UploadTable {
  readonly id: string;
  readonly status: 'issued' | 'stored' | 'expired' | 'deleted';
  readonly bucket: string;
  /** The object's key. `null` until the object is stored if `saveKey` names it. */
  readonly key: string | null;
  /** The policy's `saveKey`, if that names the object. */
  readonly save_key: string | null;
  /** The file's name as declared by the client. For display only, never used as a path. */
  readonly name: string;
  /** Size in bytes, as declared by the client. */
  readonly size: number;
  /** Media type, as declared by the client. */
  readonly type: string;
  /** Size in bytes, as stored by Kodo. */
  readonly stored_size: number | null;
  /** Media type, as detected by Kodo. */
  readonly stored_type: string | null;
  readonly hash: string | null;
  /** Pixels. Only for images. */
  readonly width: number | null;
  readonly height: number | null;
  /** An image's average color, `#rrggbb`. Set shortly after the image is stored. */
  readonly color: string | null;
  /** The user that owns the upload. */
  readonly end_user: string;
  /** How this server learned that the object is stored. */
  readonly told_by: ReportSource | null;
  /** Kodo's id of the callback request (`X-Reqid`), which Qiniu's support asks for. */
  readonly reqid: string | null;
  readonly issued_at: number;
  /** Expiry of its newest token. */
  readonly expires_at: number;
  readonly stored_at: number | null;
  /** When `followUp()` was completed. */
  readonly followed_up_at: number | null;
}

/** How this server learned that an object is stored: by Kodo's callback, a confirm request, or the sweeper. */
export type ReportSource = 'callback' | 'confirm' | 'sweep';

export type UploadRecord = Readonly<Selectable<UploadTable>>;

/** A record whose object is stored in Kodo. */
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

/** Metadata of a stored object. */
export interface ObjectFacts {
  readonly key: string;
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly reportedBy: ReportSource;
  readonly reqid: string | null;
}

/** What a user currently uses. */
export interface Usage {
  /** Number of stored files, and of files whose token was issued. */
  readonly files: number;
  /** Bytes that are stored, or that can still be stored with a token. */
  readonly bytes: number;
  /** Uploads whose token was issued and whose file is not stored. Deleted uploads count until their token expires. */
  readonly open: number;
}

/** Upper limits of a user's `Usage`. */
export interface UsageLimits {
  readonly bytes: number;
  readonly open: number;
}

/** Position in a list of uploads that is ordered by expiry. */
export type OverduePosition = Pick<UploadRecord, 'id' | 'expires_at'>;
/** Position in a list of stored uploads, oldest first. */
export type StoredPosition = Pick<StoredUpload, 'id' | 'stored_at'>;

interface Tables {
  readonly uploads: UploadTable;
  readonly request_limits: { readonly key: string; readonly points: number; readonly expire: number | null };
}

export interface Page {
  readonly uploads: readonly StoredUpload[];
  /** Start of the next page. Absent on the last page. */
  readonly cursor: string | undefined;
}

/** Stores uploads in SQLite or PostgreSQL, with one schema and one query builder. */
export class Store {
  readonly #db: Kysely<Tables>;
  /** PostgreSQL connection pool, for limits that apply across instances. Absent with SQLite. */
  readonly postgres: ResilientPostgresPool | undefined;

  private constructor({ db, postgres }: Database<Tables>) {
    this.#db = db;
    this.postgres = postgres;
  }

  /**
   * Opens the database and migrates its schema. While the database cannot be reached, every method rejects with
   * `DatabaseUnavailableError` within ten seconds.
   *
   * @param onConnectionError called when an idle connection is lost, which is then replaced automatically
   */
  static async open(where: DatabasePlace, onConnectionError: (error: Error) => void = () => undefined): Promise<Store> {
    return new Store(await openDatabase<Tables>(where, onConnectionError));
  }

  /** Inserts an upload whose token is issued. */
  async issue(upload: IssuedUpload): Promise<void> {
    const object = { hash: null, width: null, height: null, color: null, stored_size: null, stored_type: null };
    const report = { told_by: null, reqid: null, stored_at: null, followed_up_at: null };
    await this.#db
      .insertInto('uploads')
      .values({ ...upload, ...object, ...report, status: 'issued', issued_at: Date.now() })
      .execute();
  }

  /**
   * Issues an upload unless it would exceed a limit of its user.
   *
   * Usage is counted after the row is inserted, so that uploads that are issued at the same time see each other and
   * together never exceed a limit.
   *
   * @returns `issued`, or the limit that it would exceed
   */
  async issueWithin(limits: UsageLimits, upload: IssuedUpload): Promise<'issued' | keyof UsageLimits> {
    await this.issue(upload);
    const usage = await this.usageOf(upload.end_user);
    const exceeded = (['bytes', 'open'] as const).find((name) => usage[name] > limits[name]);
    if (exceeded === undefined) return 'issued';
    await this.delete(upload.id);
    return exceeded;
  }

  /**
   * Sets the expiry of an unfinished upload for which a new token is issued.
   *
   * @returns whether the upload was still unfinished
   */
  async renew(id: string, expiresAt: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('uploads')
      .set({ expires_at: expiresAt })
      .where('id', '=', id)
      .where('status', '=', 'issued')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Returns the upload with this id, if there is one. */
  async find(id: string): Promise<UploadRecord | undefined> {
    if (!ID.test(id)) return undefined; // our ids contain nothing else, and PostgreSQL rejects NUL characters
    return this.#db.selectFrom('uploads').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Marks an upload as stored, once: of several concurrent calls one writes, and all return the same row. */
  async complete(id: string, facts: ObjectFacts): Promise<StoredUpload | undefined> {
    const { size, type, reportedBy, ...rest } = facts;
    await this.#db
      .updateTable('uploads')
      .set({
        ...rest,
        stored_size: size,
        stored_type: type,
        told_by: reportedBy,
        status: 'stored',
        stored_at: Date.now(),
      })
      .where('id', '=', id)
      .where('status', 'in', ['issued', 'expired']) // a callback can arrive after the upload has expired
      .execute();
    const row = await this.find(id);
    return row !== undefined && isStored(row) ? row : undefined;
  }

  /**
   * Returns unfinished and deleted uploads whose last token expired before a time, oldest first.
   *
   * @param before milliseconds since 1970
   * @param after the last upload of the previous batch
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

  /** Marks an unfinished upload as expired, unless it was stored or renewed in the meantime. */
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
   * Removes expired uploads whose token expired before a time.
   *
   * @param before milliseconds since 1970
   * @returns how many were removed; fewer than `limit` if none are left
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

  /** Removes rate-limit counters whose time window has ended. */
  async purgeLimits(now: number): Promise<void> {
    await this.#db.deleteFrom('request_limits').where('expire', '<', now).execute();
  }

  /**
   * Returns stored uploads older than a time whose `followUp()` is not completed, oldest first.
   *
   * @param before milliseconds since 1970
   * @param after the last upload of the previous batch
   */
  async findPendingFollowUps(before: number, limit: number, after?: StoredPosition): Promise<readonly StoredUpload[]> {
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

  /** Records the result of `followUp()` and marks it as completed. */
  async completeFollowUp(id: string, found: { readonly color: string | null }): Promise<void> {
    await this.#db
      .updateTable('uploads')
      .set({ ...found, followed_up_at: Date.now() })
      .where('id', '=', id)
      .execute();
  }

  /**
   * Marks an upload as deleted, whatever its status. The row is kept until its newest token has expired, because that
   * token could restore the object.
   */
  async markDeleted(id: string): Promise<void> {
    await this.#db.updateTable('uploads').set({ status: 'deleted' }).where('id', '=', id).execute();
  }

  /** Removes the row of a deleted upload if its last token expired before a time. */
  async deleteEnded(id: string, before: number): Promise<void> {
    await this.#db
      .deleteFrom('uploads')
      .where('id', '=', id)
      .where('status', '=', 'deleted')
      .where('expires_at', '<', before)
      .execute();
  }

  /** Removes a row. */
  async delete(id: string): Promise<void> {
    await this.#db.deleteFrom('uploads').where('id', '=', id).execute();
  }

  /**
   * Returns what a user currently uses.
   *
   * @param now milliseconds since 1970
   */
  async usageOf(endUser: string, now = Date.now()): Promise<Usage> {
    // PostgreSQL returns sums as `numeric`, which is a string in JavaScript, and `null` if there are no rows.
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
   * Returns a user's stored uploads, newest first.
   *
   * @param cursor `Page.cursor` of the previous page
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

  /** @throws {DatabaseUnavailableError} if the database does not respond */
  async ping(): Promise<void> {
    await sql`select 1`.execute(this.#db);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

/** Whether the record's object is stored in Kodo. */
export function isStored(record: UploadRecord): record is StoredUpload {
  return record.status === 'stored' && record.key !== null && record.hash !== null && record.stored_at !== null;
}

/** Format of an upload's id. */
const ID = /^[\w-]{1,64}$/;

function writeCursor({ stored_at, id }: StoredUpload): string {
  return Buffer.from(`${stored_at}:${id}`).toString('base64url');
}

function readCursor(cursor: string): { readonly storedAt: number; readonly id: string } | undefined {
  const [, storedAt, id] = /^(\d{1,15}):([\w-]{1,64})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return storedAt === undefined || id === undefined ? undefined : { storedAt: Number(storedAt), id };
}
