import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KodoError } from '../kodo-error.js';

/** A bucket of the local Kodo. */
export interface KodoBucket {
  readonly name: string;
  /** Region id. Default `z0`. */
  readonly region?: string;
  /** Whether a download needs a token. Default false. */
  readonly private?: boolean;
  /** Whether uploads may use the acceleration host. Default false. */
  readonly accelerated?: boolean;
  /** Hosts, e.g. `static.example.com`, that serve as download domains of this bucket. */
  readonly domains?: readonly string[];
}

/** Settings changed by calls to the bucket service. Initially empty. */
export interface BucketSettings {
  /** Whether original images are protected: 1 or 0. */
  readonly protected?: number;
  readonly noIndexPage?: number;
  /** Cache lifetime of downloads, in seconds. */
  readonly maxAge?: number;
  /** Maximum number of bytes and of objects; -1 for no limit. */
  readonly quota?: { readonly size: number; readonly count: number };
  readonly referers?: {
    readonly mode: number;
    readonly patterns: readonly string[];
    readonly allowEmpty: boolean;
    readonly sourceEnabled: boolean;
  };
  readonly cors?: readonly unknown[];
  /** The mirror source: one or more URLs, joined by `;`. */
  readonly image?: { readonly url: string; readonly host?: string };
  readonly tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly remark?: string;
  readonly separator?: string;
  readonly styles?: Readonly<Record<string, string>>;
  readonly rules?: readonly NamedRule[];
  readonly events?: readonly NamedRule[];
}

/** A rule of a bucket, with the service's field names. */
export interface NamedRule {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** A bucket with its settings. */
export interface BucketState {
  readonly name: string;
  readonly region: string;
  readonly private: boolean;
  readonly accelerated: boolean;
  readonly domains: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly settings: BucketSettings;
}

/**
 * All buckets: those configured in the options and those created by clients, with their settings. Saved in one file.
 * Options override the state of an earlier run, except for the settings.
 */
export class BucketStore {
  readonly #file: string;
  readonly #now: () => number;
  readonly #buckets = new Map<string, BucketState>();
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  static async open(folder: string, configured: readonly KodoBucket[], now: () => number): Promise<BucketStore> {
    await mkdir(folder, { recursive: true });
    const store = new BucketStore(join(folder, 'buckets.json'), now);
    for (const bucket of await readBuckets(store.#file)) store.#buckets.set(bucket.name, bucket);
    for (const { name, region, private: isPrivate, accelerated, domains } of configured) {
      const { createdAt = now(), settings = {} } = store.#buckets.get(name) ?? {};
      store.#buckets.set(name, {
        name,
        region: region ?? 'z0',
        private: isPrivate ?? false,
        accelerated: accelerated ?? false,
        domains: domains ?? [],
        createdAt,
        settings,
      });
    }
    return store;
  }

  find(name: string): BucketState | undefined {
    return this.#buckets.get(name);
  }

  /** @throws {KodoError} 631 */
  require(name: string): BucketState {
    const bucket = this.find(name);
    if (bucket === undefined) throw new KodoError(631, 'no such bucket');
    return bucket;
  }

  /** All buckets, by name. */
  list(): readonly BucketState[] {
    return [...this.#buckets.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The bucket that has a host as download domain. */
  findByDomain(host: string): BucketState | undefined {
    return [...this.#buckets.values()].find(({ domains }) => domains.includes(host));
  }

  async create(name: string, region: string, isPrivate: boolean): Promise<void> {
    const state = { name, region, private: isPrivate, accelerated: false, domains: [], createdAt: this.#now() };
    this.#buckets.set(name, { ...state, settings: {} });
    await this.#save();
  }

  async drop(name: string): Promise<void> {
    this.#buckets.delete(name);
    await this.#save();
  }

  async update(name: string, change: Partial<Omit<BucketState, 'name'>>): Promise<void> {
    this.#buckets.set(name, { ...this.require(name), ...change });
    await this.#save();
  }

  async set(name: string, settings: BucketSettings): Promise<void> {
    await this.update(name, { settings: { ...this.require(name).settings, ...settings } });
  }

  async #save(): Promise<void> {
    const saved = this.#saving.then(async () => {
      await writeFile(`${this.#file}.new`, JSON.stringify([...this.#buckets.values()]));
      await rename(`${this.#file}.new`, this.#file); // atomic
    });
    this.#saving = saved.catch(() => undefined); // reported to the caller of this write
    await saved;
  }
}

async function readBuckets(file: string): Promise<readonly BucketState[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as readonly BucketState[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
