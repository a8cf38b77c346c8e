import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob, BlobStore, StoredFile } from '../store/blob-store.js';
import { KodoError } from '../kodo-error.js';

/** Lifetime of an upload id in seconds, as recorded: seven days. */
const LIFETIME = 604_800;

/** A received part. */
export interface PendingPart extends StoredFile {
  readonly partNumber: number;
  /** Qiniu's hash of the part, version 1. */
  readonly etag: string;
  /** Unix time in seconds. */
  readonly putTime: number;
}

/** A multipart upload in progress. Belongs to one bucket and one key. */
export interface PendingUpload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string | undefined;
  /** Unix time in seconds. */
  readonly expireAt: number;
  readonly parts: Map<number, PendingPart>;
}

/**
 * The multipart uploads in progress: kept in memory and in one journal per upload, whose first line is the upload and
 * each further line a part. They survive a restart, and a part costs one short write, whatever the number of parts.
 */
export class PendingUploads {
  readonly #folder: string;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  readonly #uploads = new Map<string, PendingUpload>();
  /** Uploads reserved by a complete call; released if the call fails. */
  readonly #claimed = new Set<PendingUpload>();
  readonly #writing = new Map<string, Promise<void>>();

  private constructor(folder: string, blobs: BlobStore, now: () => number) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#now = now;
  }

  /**
   * Opens a folder with the data of an earlier run.
   *
   * @param used files that belong to objects: an upload that refers to one has been completed
   */
  static async open(
    folder: string,
    blobs: BlobStore,
    now: () => number,
    used: ReadonlySet<string>,
  ): Promise<PendingUploads> {
    const uploads = new PendingUploads(join(folder, 'uploads'), blobs, now);
    await mkdir(uploads.#folder, { recursive: true });
    for (const id of await readdir(uploads.#folder)) {
      const upload = readJournal(id, await readFile(uploads.#path(id), 'utf8'));
      const isOver = upload === undefined || [...upload.parts.values()].some(({ file }) => used.has(file));
      if (isOver) await rm(uploads.#path(id));
      else uploads.#uploads.set(id, upload);
    }
    return uploads;
  }

  async create(bucket: string, key: string | undefined): Promise<PendingUpload> {
    await this.#dropExpired();
    const id = randomBytes(12).toString('hex');
    const expireAt = Math.floor(this.#now() / 1000) + LIFETIME;
    const upload: PendingUpload = { id, bucket, key, expireAt, parts: new Map() };
    this.#uploads.set(id, upload);
    await this.#write(id, { bucket, key, expireAt });
    return upload;
  }

  /** @throws {KodoError} 612 if the id is unknown, has ended, or belongs to another object */
  find(id: string, bucket: string, key: string | undefined): PendingUpload {
    const upload = this.#uploads.get(id);
    const isRight = upload?.bucket === bucket && upload.key === key && !this.#claimed.has(upload);
    if (upload === undefined || !isRight || this.#isExpired(upload)) throw gone();
    return upload;
  }

  /**
   * Adds a part, or replaces the part with its number.
   *
   * @throws {KodoError} 612 if the upload ended while the part was being received
   */
  async putPart(upload: PendingUpload, partNumber: number, { file, size, etag }: Blob): Promise<void> {
    if (this.#uploads.get(upload.id) !== upload || this.#claimed.has(upload)) {
      await this.#blobs.remove([{ file }]);
      throw gone();
    }
    const part: PendingPart = { partNumber, file, size, etag, putTime: Math.floor(this.#now() / 1000) };
    const replaced = upload.parts.get(partNumber);
    upload.parts.set(partNumber, part);
    await this.#write(upload.id, part);
    if (replaced !== undefined) await this.#blobs.remove([replaced]);
  }

  /**
   * Runs a complete call. Meanwhile, and after success, the id is unknown to all other calls: a second complete call or
   * a late part must not modify the object's data.
   *
   * @param work returns whether the upload has ended, and which files the object uses
   */
  async complete<T>(
    upload: PendingUpload,
    work: () => Promise<{ readonly isOver: boolean; readonly taken: readonly StoredFile[]; readonly result: T }>,
  ): Promise<T> {
    this.#claimed.add(upload);
    try {
      const { isOver, taken, result } = await work();
      if (isOver) await this.#end(upload, new Set(taken.map(({ file }) => file)));
      return result;
    } finally {
      this.#claimed.delete(upload);
    }
  }

  /** Deletes an upload and its parts, if it exists. */
  async forget(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (upload !== undefined && !this.#claimed.has(upload)) await this.#end(upload, new Set());
  }

  /** The names of all files that contain a part. */
  files(): string[] {
    return [...this.#uploads.values()].flatMap(({ parts }) => [...parts.values()].map(({ file }) => file));
  }

  async #end(upload: PendingUpload, taken: ReadonlySet<string>): Promise<void> {
    this.#uploads.delete(upload.id);
    await this.#writing.get(upload.id);
    await rm(this.#path(upload.id), { force: true });
    await this.#blobs.remove([...upload.parts.values()].filter(({ file }) => !taken.has(file)));
  }

  async #dropExpired(): Promise<void> {
    for (const upload of this.#uploads.values()) {
      if (!this.#isExpired(upload)) return; // the oldest come first, and all have the same lifetime
      if (!this.#claimed.has(upload)) await this.#end(upload, new Set());
    }
  }

  #isExpired(upload: PendingUpload): boolean {
    return upload.expireAt * 1000 < this.#now();
  }

  async #write(id: string, line: object): Promise<void> {
    const before = this.#writing.get(id) ?? Promise.resolve();
    const written = before.then(() =>
      this.#uploads.has(id) ? appendFile(this.#path(id), `${JSON.stringify(line)}\n`) : undefined,
    );
    const settled = written.catch(() => undefined); // the caller of this write gets the error
    this.#writing.set(id, settled);
    void settled.then(() => {
      if (this.#writing.get(id) === settled) this.#writing.delete(id);
    });
    await written;
  }

  #path(id: string): string {
    return join(this.#folder, id);
  }
}

/** Parses a journal; ignores a last line that was truncated by a crash. */
function readJournal(id: string, text: string): PendingUpload | undefined {
  const [first, ...rest] = text.split('\n').slice(0, -1);
  if (first === undefined) return undefined;
  const head = JSON.parse(first) as Pick<PendingUpload, 'bucket' | 'expireAt'> & { readonly key?: string };
  const parts = rest.map((line) => JSON.parse(line) as PendingPart);
  return { ...head, id, key: head.key, parts: new Map(parts.map((part) => [part.partNumber, part])) };
}

function gone(): KodoError {
  return new KodoError(612, 'no such uploadId');
}
