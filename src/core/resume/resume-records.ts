import { isRecord } from '../transport/put-policy.js';
import type { StoredParts } from '../transport/transport.js';
import type { UploadFile } from '../items/upload-item.js';
import { warnOnce } from '../shared/warn-once.js';

/** Where resume records are kept: the page's `localStorage`, or anything like it. */
export type ResumeStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** What is remembered of an upload over a reload. Never a token. */
export interface ResumeRecord {
  /** Which route issues its tokens: uploads of two parts of a site never meet. */
  readonly scope: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  readonly path: string | undefined;
  /** Hash of the file's head and tail: the proof that a file chosen later is the same. */
  readonly sample: string;
  /** The business server's own name for the upload, by which a token for it is asked for. */
  readonly id: string | undefined;
  readonly key: string | undefined;
  /** Up host, as an origin. */
  readonly host: string;
  readonly stored: StoredParts;
  /** Whether all bytes were out when the page was left: the file may be stored. */
  readonly mayBeStored: boolean;
  /** Milliseconds since 1970 after which Kodo may have forgotten it. */
  readonly expiresAt: number;
}

/** What makes a file the one that a record is about, before its content is looked at. */
export type FileIdentity = Pick<ResumeRecord, 'scope' | 'name' | 'size' | 'type' | 'lastModified' | 'path'>;

const PREFIX = 'qiniu-uploader:';

/** Kodo keeps parts for seven days; the last one is left out, so that a long upload does not run into the end. */
const LIFETIME = 6 * 86_400_000;

/** When a record made now ends. */
export function newExpiry(): number {
  return Date.now() + LIFETIME;
}

export function identityOf({ file, name, size, type, path }: UploadFile, scope: string): FileIdentity {
  return { scope, name, size, type, lastModified: file.lastModified, path };
}

/** The name under which a file's record is kept, and under which tabs agree who uploads it. */
export function recordName({ scope, name, size, type, lastModified, path }: FileIdentity): string {
  return PREFIX + JSON.stringify([scope, (path ?? name).normalize(), size, type, lastModified]);
}

/** The resume records of this browser. Storage that is full or forbidden costs only the resuming. */
export class ResumeRecords {
  readonly #storage: () => ResumeStorage | undefined;

  /** @param storage default: the page's `localStorage` */
  constructor(storage: () => ResumeStorage | undefined = () => globalThis.localStorage) {
    this.#storage = storage;
  }

  /** The record of a file, if there is one that is still good for something. */
  find(identity: FileIdentity): ResumeRecord | undefined {
    return this.#read(recordName(identity));
  }

  /** Every record that is still good for something; the others are removed. */
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

  #try<T>(use: (storage: ResumeStorage) => T, otherwise: T): T {
    try {
      const storage = this.#storage();
      return storage === undefined ? otherwise : use(storage);
    } catch (error) {
      warnOnce(
        `Uploads cannot be resumed after a reload, because the browser keeps nothing for this page: ${String(error)}`,
      );
      return otherwise;
    }
  }
}

/** What another version, or somebody else, has written there is no record. */
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
  const isWhole =
    typeof name === 'string' &&
    typeof size === 'number' &&
    typeof sample === 'string' &&
    typeof host === 'string' &&
    typeof expiresAt === 'number' &&
    isRecord(stored) &&
    typeof stored['uploadId'] === 'string' &&
    typeof stored['partSize'] === 'number' &&
    Array.isArray(stored['parts']);
  return isWhole ? (value as unknown as ResumeRecord) : undefined;
}
