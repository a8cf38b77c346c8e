import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BlobStore } from './blob-store.js';
import { KodoError } from './kodo-error.js';

/** A bucket of the local Kodo. */
export interface KodoBucket {
  readonly name: string;
  /** Region id; default `z0`. */
  readonly region?: string;
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
  /** The files that hold the bytes, in order. */
  readonly files: readonly { readonly file: string; readonly size: number }[];
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
  readonly #buckets: ReadonlyMap<string, KodoBucket>;
  readonly #objects = new Map<string, KodoObject>();
  /** Writes of one object's index file follow one another. */
  #saving: Promise<void> = Promise.resolve();

  private constructor(folder: string, buckets: readonly KodoBucket[]) {
    this.blobs = new BlobStore(join(folder, 'blobs'));
    this.#index = join(folder, 'objects');
    this.#buckets = new Map(buckets.map((bucket) => [bucket.name, bucket]));
  }

  /** Opens a folder, with what an earlier run left in it. */
  static async open(folder: string, buckets: readonly KodoBucket[]): Promise<ObjectStore> {
    const store = new ObjectStore(folder, buckets);
    await mkdir(join(folder, 'blobs'), { recursive: true });
    await mkdir(store.#index, { recursive: true });
    for (const name of await readdir(store.#index)) {
      const object = JSON.parse(await readFile(join(store.#index, name), 'utf8')) as KodoObject;
      store.#objects.set(idOf(object.bucket, object.key), object);
    }
    return store;
  }

  /** @throws {KodoError} 631 */
  bucket(name: string): KodoBucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new KodoError(631, 'no such bucket');
    return bucket;
  }

  get(bucket: string, key: string): KodoObject | undefined {
    return this.#objects.get(idOf(bucket, key));
  }

  /** All objects of a bucket, oldest first. */
  list(bucket: string): readonly KodoObject[] {
    return [...this.#objects.values()].filter((object) => object.bucket === bucket);
  }

  /**
   * Stores an object.
   *
   * @param insert whether an existing key with other content is refused; the same content counts as stored
   * @throws {KodoError} 614
   */
  async put(object: KodoObject, insert: boolean): Promise<void> {
    const id = idOf(object.bucket, object.key);
    const before = this.#objects.get(id);
    if (insert && before !== undefined && before.hash !== object.hash) throw new KodoError(614, 'file exists');
    this.#objects.delete(id);
    this.#objects.set(id, object);
    await this.#save(id, object);
    if (before !== undefined) await this.blobs.remove(before.files.map(({ file }) => file));
  }

  /** Removes an object; whether there was one. */
  async delete(bucket: string, key: string): Promise<boolean> {
    const id = idOf(bucket, key);
    const object = this.#objects.get(id);
    if (object === undefined) return false;
    this.#objects.delete(id);
    await this.#save(id, undefined);
    await this.blobs.remove(object.files.map(({ file }) => file));
    return true;
  }

  read(object: KodoObject, start = 0, end = object.fsize - 1): Readable {
    return this.blobs.read(object.files, start, end);
  }

  async #save(id: string, object: KodoObject | undefined): Promise<void> {
    const path = join(this.#index, `${createHash('sha256').update(id).digest('hex')}.json`);
    const saved = this.#saving.then(() =>
      object === undefined ? rm(path, { force: true }) : writeFile(path, JSON.stringify(object)),
    );
    this.#saving = saved.catch(() => undefined); // the caller of this write hears of it
    await saved;
  }
}

function idOf(bucket: string, key: string): string {
  return `${bucket}\n${key}`;
}
