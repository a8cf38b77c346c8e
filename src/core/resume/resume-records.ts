import { isRecord } from '../shared/json.js';
import type { StoredParts } from '../transport/transport.js';
import type { UploadFile } from '../items/upload-item.js';
import { warnOnce } from '../shared/warn-once.js';

/** Storage of resume records: `localStorage` or an object with the same interface. */
export type ResumeStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** An upload's state that is stored across reloads. Never contains a token. */
export interface ResumeRecord {
  /** Namespace, e.g. the token route's URL, that separates the parts of a site. */
  readonly scope: string;
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  readonly path: string | undefined;
  /** Hash of the file's first and last bytes, to verify that a file chosen later is the same. */
  readonly sample: string;
  /** The business server's ID of the upload, sent in token requests. */
  readonly id: string | undefined;
  readonly key: string | undefined;
  /** Up host, as an origin. */
  readonly host: string;
  readonly stored: StoredParts;
  /** Whether all bytes had been sent: the file may be stored. */
  readonly mayBeStored: boolean;
  /** Milliseconds since 1970 after which Kodo may have deleted the parts. */
  readonly expiresAt: number;
}

/** The metadata that identifies a record's file; its content is checked separately. */
export type FileIdentity = Pick<ResumeRecord, 'scope' | 'name' | 'size' | 'type' | 'lastModified' | 'path'>;

const PREFIX = 'qiniu-uploader:';

/** Milliseconds. Kodo keeps parts for seven days; one day is reserved for the rest of the upload. */
const LIFETIME = 6 * 86_400_000;

/** Returns the expiry of a record created now, in milliseconds since 1970. */
export function newExpiry(): number {
  return Date.now() + LIFETIME;
}

export function identityOf({ file, name, size, type, path }: UploadFile, scope: string): FileIdentity {
  return { scope, name, size, type, lastModified: file.lastModified, path };
}

/** Returns the key of a file's record in storage, which is also the name of its cross-tab lock. */
export function recordName({ scope, name, size, type, lastModified, path }: FileIdentity): string {
  return PREFIX + JSON.stringify([scope, (path ?? name).normalize(), size, type, lastModified]);
}

/** The resume records of this browser. If storage is full or denied, uploads work but cannot be resumed. */
export class ResumeRecords {
  readonly #storage: () => ResumeStorage | undefined;

  /** @param storage returns the storage; called on each access. Default: the page's `localStorage` */
  constructor(storage: () => ResumeStorage | undefined = () => globalThis.localStorage) {
    this.#storage = storage;
  }

  /** Returns the valid record of a file, if there is one. */
  find(identity: FileIdentity): ResumeRecord | undefined {
    return this.#read(recordName(identity));
  }

  /** Returns all valid records; deletes expired and invalid ones. */
  list(): readonly ResumeRecord[] {
    return this.#try((storage) => {
      const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
      return names.filter((name) => name.startsWith(PREFIX)).flatMap((name) => this.#read(name) ?? []);
    }, []);
  }

  save(record: ResumeRecord): void {
    this.#try((storage) => storage.setItem(recordName(record), JSON.stringify(record)), undefined);
  }

  remove(identity: FileIdentity): void {
    this.#try((storage) => storage.removeItem(recordName(identity)), undefined);
  }

  #read(name: string): ResumeRecord | undefined {
    return this.#try((storage) => {
      const record = parseRecord(storage.getItem(name));
      if (record !== undefined && record.expiresAt > Date.now()) return record;
      storage.removeItem(name);
      return undefined;
    }, undefined);
  }

  #try<T>(use: (storage: ResumeStorage) => T, fallback: T): T {
    try {
      const storage = this.#storage();
      return storage === undefined ? fallback : use(storage);
    } catch (error) {
      warnOnce(
        `Uploads cannot be resumed after a reload, because storage is not available to this page: ${String(error)}`,
      );
      return fallback;
    }
  }
}

/** Parses a record. Returns `undefined` for data of other versions or of other code. */
function parseRecord(text: string | null): ResumeRecord | undefined {
  if (text === null) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { stored, name, size, sample, host, expiresAt } = value;
  const isValid =
    typeof name === 'string' &&
    typeof size === 'number' &&
    typeof sample === 'string' &&
    typeof host === 'string' &&
    typeof expiresAt === 'number' &&
    isRecord(stored) &&
    typeof stored['uploadId'] === 'string' &&
    typeof stored['partSize'] === 'number' &&
    Array.isArray(stored['parts']);
  return isValid ? (value as unknown as ResumeRecord) : undefined;
}
