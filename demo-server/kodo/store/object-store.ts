import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { BlobStore, StoredFile } from './blob-store.js';
import { KodoError } from '../kodo-error.js';

/** A bucket of the local Kodo. */
export interface KodoBucket {
  readonly name: string;
  /** Region id; default `z0`. */
  readonly region?: string;
  /** Whether a download needs a token. Default false. */
  readonly private?: boolean;
}

/** A stored object. */
export interface KodoObject {
  readonly bucket: string;
  readonly key: string;
  /** Qiniu's content hash. */
  readonly hash: string;
  /** Bytes. */
  readonly fsize: number;
  readonly mimeType: string;
  /** Milliseconds since 1970. */
  readonly putTime: number;
  readonly endUser?: string | undefined;
  /** `x-qn-meta-…` names and values. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Headers that a download carries besides its own, e.g. `cache-control`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Storage class, 0 (standard) to 4. Default 0. */
  readonly fileType?: number;
  /** Milliseconds since 1970 from which the object is gone, where `deleteAfterDays` said so. */
  readonly expireAt?: number | undefined;
  /** The files that hold the bytes, in order. */
  readonly files: readonly StoredFile[];
}

/**
 * The objects of all buckets: an index in memory, mirrored into one JSON file an object, beside the bytes.
 *
 * Deciding whether a key is free and taking it is one synchronous step, so two uploads that end together
 * cannot both win.
 */
export class ObjectStore {
  readonly blobs: BlobStore;
  readonly #index: string;
  readonly #now: () => number;
  readonly #buckets: ReadonlyMap<string, KodoBucket>;
  readonly #objects = new Map<string, KodoObject>();
  /** Writes of the index follow one another. */
  #saving: Promise<void> = Promise.resolve();

  private constructor(index: string, blobs: BlobStore, buckets: readonly KodoBucket[], now: () => number) {
    this.blobs = blobs;
    this.#index = index;
    this.#now = now;
    this.#buckets = new Map(buckets.map((bucket) => [bucket.name, bucket]));
  }

  /** Opens a folder, with what an earlier run left in it. */
  static async open(
    folder: string,
    blobs: BlobStore,
    buckets: readonly KodoBucket[],
    now: () => number,
  ): Promise<ObjectStore> {
    const index = join(folder, 'objects');
    const store = new ObjectStore(index, blobs, buckets, now);
    await mkdir(index, { recursive: true });
    for (const name of await readdir(index)) {
      if (!name.endsWith('.json')) {
        await rm(join(index, name)); // a write that a crash broke off
        continue;
      }
      const object = JSON.parse(await readFile(join(index, name), 'utf8')) as KodoObject;
      store.#objects.set(idOf(object.bucket, object.key), object);
    }
    return store;
  }

  find(bucket: string): KodoBucket | undefined {
    return this.#buckets.get(bucket);
  }

  /** @throws {KodoError} 631 */
  bucket(name: string): KodoBucket {
    const bucket = this.find(name);
    if (bucket === undefined) throw new KodoError(631, 'no such bucket');
    return bucket;
  }

  get(bucket: string, key: string): KodoObject | undefined {
    const object = this.#objects.get(idOf(bucket, key));
    return object === undefined || this.#isOver(object) ? undefined : object;
  }

  /** All objects of a bucket, oldest first. */
  list(bucket: string): readonly KodoObject[] {
    return [...this.#objects.values()].filter((object) => object.bucket === bucket && !this.#isOver(object));
  }

  /** The names of all files that hold an object's bytes. */
  files(): string[] {
    return [...this.#objects.values()].flatMap(({ files }) => files.map(({ file }) => file));
  }

  /**
   * Stores an object; when this fails, nothing has changed.
   *
   * @param insert whether an existing key with other content is refused; the same content counts as stored
   * @throws {KodoError} 614
   */
  async put(object: KodoObject, insert: boolean): Promise<void> {
    const id = idOf(object.bucket, object.key);
    const before = this.#objects.get(id);
    if (insert && before !== undefined && !this.#isOver(before) && before.hash !== object.hash) {
      throw new KodoError(614, 'file exists');
    }
    this.#objects.delete(id); // so that the list stays in the order of storing
    this.#objects.set(id, object);
    try {
      await this.#save(id, object);
    } catch (error) {
      if (this.#objects.get(id) === object) this.#restore(id, before);
      throw error;
    }
    const named = new Set(object.files.map(({ file }) => file));
    const replaced = before?.files.filter(({ file }) => !named.has(file)) ?? [];
    await this.blobs.remove(replaced).catch(() => undefined); // the object is stored; the next start clears away
  }

  /** Removes an object; whether there was one. */
  async delete(bucket: string, key: string): Promise<boolean> {
    const object = this.get(bucket, key);
    if (object === undefined) return false;
    const id = idOf(bucket, key);
    this.#objects.delete(id);
    await this.#save(id, undefined);
    await this.blobs.remove(object.files);
    return true;
  }

  read(object: KodoObject, start = 0, end = object.fsize - 1): Readable {
    return this.blobs.read(object.files, start, end);
  }

  #restore(id: string, before: KodoObject | undefined): void {
    if (before === undefined) this.#objects.delete(id);
    else this.#objects.set(id, before);
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
      await rename(`${path}.new`, path); // whole or not at all, also when the process is killed
    });
    this.#saving = saved.catch(() => undefined); // the caller of this write hears of it
    await saved;
  }
}

function idOf(bucket: string, key: string): string {
  return `${bucket}\n${key}`;
}
