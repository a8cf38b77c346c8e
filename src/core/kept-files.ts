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

export const browserKeptFiles: KeptFiles = {
  async keep(name, file) {
    if (file.size > KEPT_AT_MOST) return;
    // A `File` that is stored as it is refers to the file on disk; only its bytes outlive a change of it.
    const copy = new File([await file.arrayBuffer()], file.name, { type: file.type, lastModified: file.lastModified });
    await use('readwrite', (files) => files.put(copy, name));
  },
  async find(name) {
    const file: unknown = await use('readonly', (files) => files.get(name));
    return file instanceof File ? file : undefined;
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
