import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob, BlobStore, StoredFile } from '../store/blob-store.js';
import { KodoError } from '../kodo-error.js';

/** Seconds an upload id lives, as recorded: seven days. */
const LIFETIME = 604_800;

/** A part that has come in. */
export interface PendingPart extends StoredFile {
  readonly partNumber: number;
  /** Qiniu's hash of the part, version 1. */
  readonly etag: string;
  /** Unix seconds. */
  readonly putTime: number;
}

/** A multipart upload that was begun and is not over. It belongs to one bucket and one key. */
export interface PendingUpload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string | undefined;
  /** Unix seconds. */
  readonly expireAt: number;
  readonly parts: Map<number, PendingPart>;
}

/**
 * The multipart uploads under way: in memory, and in one journal an upload, whose first line is the upload and each
 * further one a part. So they survive a restart, and a part costs one short write however many there are.
 */
export class PendingUploads {
  readonly #folder: string;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  readonly #uploads = new Map<string, PendingUpload>();
  /** Uploads that a complete call has taken; they come back if it is refused. */
  readonly #claimed = new Set<PendingUpload>();
  readonly #writing = new Map<string, Promise<void>>();

  private constructor(folder: string, blobs: BlobStore, now: () => number) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#now = now;
  }

  /**
   * Opens a folder, with what an earlier run left in it.
   *
   * @param used files that already belong to objects: an upload that names one was completed
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

  /** @throws {KodoError} 612 for an id that is unknown, over, or of another object */
  find(id: string, bucket: string, key: string | undefined): PendingUpload {
    const upload = this.#uploads.get(id);
    const isRight = upload?.bucket === bucket && upload.key === key && !this.#claimed.has(upload);
    if (upload === undefined || !isRight || this.#isExpired(upload)) throw gone();
    return upload;
  }

  /**
   * Adds a part or replaces the one of its number.
   *
   * @throws {KodoError} 612 where the upload ended while the part came in
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
   * Runs a complete call. While it runs the id is unknown to all others, and so it stays if the call succeeds: a
   * second complete, or a late part, must not touch what the object is made of.
   *
   * @param work answers whether the upload is over, and which files the object then took
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

  /** Forgets an upload and its parts; nothing happens where there is none. */
  async forget(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (upload !== undefined && !this.#claimed.has(upload)) await this.#end(upload, new Set());
  }

  /** The names of all files that hold a part. */
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
      if (!this.#isExpired(upload)) return; // the oldest stand first, and all live equally long
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
    const settled = written.catch(() => undefined); // the caller of this write hears of it
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

/** Reads a journal; a last line that a crash tore is as if never written. */
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
