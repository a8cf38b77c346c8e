import { warnOnce } from './warn-once.js';

/** Largest file in bytes that is kept: a copy is written to the visitor's disk. */
export const KEPT_AT_MOST = 64 * 1024 * 1024;

const DATABASE = 'qiniu-uploader';
const STORE = 'files';

/**
 * Copies of small files whose upload is not over, so that it can go on after a reload without choosing them again.
 *
 * What cannot be kept (private window, full disk, no IndexedDB) must be chosen again; the upload itself goes on.
 */
export interface KeptFiles {
  keep(name: string, file: File): Promise<void>;
  find(name: string): Promise<File | undefined>;
  remove(name: string): Promise<void>;
}

interface KeptFile {
  readonly bytes: ArrayBuffer;
  readonly fileName: string;
  readonly type: string;
  readonly lastModified: number;
}

export const browserKeptFiles: KeptFiles = {
  async keep(name, file) {
    if (file.size > KEPT_AT_MOST) return;
    // The bytes, not the `File`: that would refer to the file on disk, and WebKit keeps none.
    const { name: fileName, type, lastModified } = file;
    const kept: KeptFile = { bytes: await file.arrayBuffer(), fileName, type, lastModified };
    await use('readwrite', (files) => files.put(kept, name));
  },
  async find(name) {
    const kept = (await use('readonly', (files) => files.get(name))) as KeptFile | undefined;
    if (kept === undefined) return undefined;
    const { bytes, fileName, type, lastModified } = kept;
    return new File([bytes], fileName, { type, lastModified });
  },
  async remove(name) {
    await use('readwrite', (files) => files.delete(name));
  },
};

async function use(mode: IDBTransactionMode, act: (files: IDBObjectStore) => IDBRequest): Promise<unknown> {
  if (typeof indexedDB === 'undefined') return undefined;
  try {
    const database = await open();
    try {
      return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch (error) {
    warnOnce(`Files cannot be kept over a reload and must be chosen again: ${String(error)}`);
    return undefined;
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed.'));
  });
}
