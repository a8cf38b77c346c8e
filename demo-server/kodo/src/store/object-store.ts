import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BlobStore, StoredFile } from './blob-store.js';
import { KodoError } from '../kodo-error.js';

/** A storage class transition, by the name that `stat` uses for it. */
export const TRANSITIONS = [
  'transitionToIA',
  'transitionToIntelligentTiering',
  'transitionToArchiveIR',
  'transitionToARCHIVE',
  'transitionToDeepArchive',
] as const;

export type Transition = (typeof TRANSITIONS)[number];

/** A stored object. */
export interface KodoObject {
  readonly bucket: string;
  readonly key: string;
  /** Qiniu's content hash. */
  readonly hash: string;
  /** Size in bytes. */
  readonly fsize: number;
  /** Lower-case hex; only for single-request uploads. */
  readonly md5?: string | undefined;
  readonly mimeType: string;
  /** Milliseconds since 1970. */
  readonly putTime: number;
  readonly endUser?: string | undefined;
  /** `x-qn-meta-…` names and values. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Additional headers of downloads, e.g. `cache-control`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Storage class: 0 standard, 1 infrequent, 2 archive, 3 deep archive, 4 archive instant, 5 tiering. Default 0. */
  readonly fileType?: number;
  /** Whether downloads are rejected. Default false. */
  readonly disabled?: boolean;
  /** The latest restore request for an archived object: its time in milliseconds since 1970 and the number of days. */
  readonly restore?: { readonly orderedAt: number; readonly days: number } | undefined;
  /** Time in milliseconds since 1970 at which the object is deleted. */
  readonly expireAt?: number | undefined;
  /** Times in milliseconds since 1970 at which the storage class changes. */
  readonly transitions?: Readonly<Partial<Record<Transition, number>>> | undefined;
  /** Size of each part in bytes, for an object made of parts. */
  readonly parts?: readonly number[] | undefined;
  /** The files that contain the data, in order. Copies of an object share them. */
  readonly files: readonly StoredFile[];
}

/**
 * The objects of all buckets: an index in memory, mirrored to one JSON file per object, next to the data.
 *
 * Checking that a key is free and taking it is one synchronous step, so that of two concurrent uploads only one
 * succeeds.
 */
export class ObjectStore {
  readonly blobs: BlobStore;
  readonly #index: string;
  readonly #now: () => number;
  readonly #objects = new Map<string, KodoObject>();
  /** Number of objects that use each file. */
  readonly #uses = new Map<string, number>();
  /** Serializes writes of the index. */
  #saving: Promise<void> = Promise.resolve();

  private constructor(index: string, blobs: BlobStore, now: () => number) {
    this.blobs = blobs;
    this.#index = index;
    this.#now = now;
  }

  /** Opens a folder with the data of an earlier run. */
  static async open(folder: string, blobs: BlobStore, now: () => number): Promise<ObjectStore> {
    const index = join(folder, 'objects');
    const store = new ObjectStore(index, blobs, now);
    await mkdir(index, { recursive: true });
    for (const name of await readdir(index)) {
      if (!name.endsWith('.json')) {
        await rm(join(index, name)); // a write interrupted by a crash
        continue;
      }
      const object = JSON.parse(await readFile(join(index, name), 'utf8')) as KodoObject;
      store.#set(idOf(object.bucket, object.key), object);
    }
    return store;
  }

  get(bucket: string, key: string): KodoObject | undefined {
    const object = this.#objects.get(idOf(bucket, key));
    return object === undefined || this.#isOver(object) ? undefined : object;
  }

  /** @throws {KodoError} 612 */
  require(bucket: string, key: string): KodoObject {
    const object = this.get(bucket, key);
    if (object === undefined) throw new KodoError(612, 'no such file or directory');
    return object;
  }

  /** All objects of a bucket, oldest first. */
  list(bucket: string): readonly KodoObject[] {
    return [...this.#objects.values()].filter((object) => object.bucket === bucket && !this.#isOver(object));
  }

  /** The names of all files that contain an object's data. */
  files(): string[] {
    return [...this.#uses.keys()];
  }

  /**
   * Stores an object; has no effect if it fails.
   *
   * @param insert whether to reject an existing key with different content; identical content is accepted
   * @throws {KodoError} 614
   */
  async put(object: KodoObject, insert: boolean): Promise<void> {
    const before = this.get(object.bucket, object.key);
    if (insert && before !== undefined && before.hash !== object.hash) throw new KodoError(614, 'file exists');
    const id = idOf(object.bucket, object.key);
    const replaced = this.#objects.get(id);
    this.#set(id, object);
    try {
      await this.#save(id, object);
    } catch (error) {
      if (this.#objects.get(id) === object) this.#set(id, replaced);
      throw error;
    }
    await this.#clean(replaced).catch(() => undefined); // the object is stored; the next start cleans up
  }

  /** Deletes an object; returns whether it existed. */
  async delete(bucket: string, key: string): Promise<boolean> {
    const object = this.get(bucket, key);
    if (object === undefined) return false;
    const id = idOf(bucket, key);
    this.#set(id, undefined);
    await this.#save(id, undefined);
    await this.#clean(object);
    return true;
  }

  /**
   * Moves an object in one step: it is never visible at both places or neither.
   *
   * @throws {KodoError} 614 if the destination exists and `force` is not set
   */
  async move(object: KodoObject, bucket: string, key: string, force: boolean): Promise<void> {
    const [from, to] = [idOf(object.bucket, object.key), idOf(bucket, key)];
    if (from === to) {
      if (!force) throw new KodoError(614, 'file exists');
      return;
    }
    if (!force && this.get(bucket, key) !== undefined) throw new KodoError(614, 'file exists');
    const replaced = this.#objects.get(to);
    const moved = { ...object, bucket, key };
    this.#set(to, moved);
    this.#set(from, undefined);
    await this.#save(to, moved);
    await this.#save(from, undefined);
    await this.#clean(replaced);
  }

  /** Changes properties of an existing object. */
  async update(object: KodoObject, change: Partial<Omit<KodoObject, 'bucket' | 'key' | 'files'>>): Promise<void> {
    const id = idOf(object.bucket, object.key);
    const changed = { ...object, ...change };
    this.#objects.set(id, changed); // same files, same position in the list
    await this.#save(id, changed);
  }

  read(object: KodoObject, start = 0, end = object.fsize - 1): Readable {
    return this.blobs.read(object.files, start, end);
  }

  /** Sets or removes an object, and counts the uses of its files. */
  #set(id: string, object: KodoObject | undefined): void {
    for (const { file } of object?.files ?? []) this.#uses.set(file, (this.#uses.get(file) ?? 0) + 1);
    for (const { file } of this.#objects.get(id)?.files ?? []) {
      const left = (this.#uses.get(file) ?? 1) - 1;
      if (left === 0) this.#uses.delete(file);
      else this.#uses.set(file, left);
    }
    this.#objects.delete(id); // keep the list in the order of storing
    if (object !== undefined) this.#objects.set(id, object);
  }

  /** Deletes the files of a removed object, unless another object uses them. */
  async #clean(object: KodoObject | undefined): Promise<void> {
    await this.blobs.remove((object?.files ?? []).filter(({ file }) => !this.#uses.has(file)));
  }

  #isOver({ expireAt }: KodoObject): boolean {
    return expireAt !== undefined && expireAt <= this.#now();
  }

  async #save(id: string, object: KodoObject | undefined): Promise<void> {
    const path = join(this.#index, `${createHash('sha256').update(id).digest('hex')}.json`);
    const saved = this.#saving.then(async () => {
      if (object === undefined) {
        await rm(path, { force: true });
        return;
      }
      await writeFile(`${path}.new`, JSON.stringify(object));
      await rename(`${path}.new`, path); // atomic, even if the process is killed
    });
    this.#saving = saved.catch(() => undefined); // reported to the caller of this write
    await saved;
  }
}

function idOf(bucket: string, key: string): string {
  return `${bucket}\n${key}`;
}
