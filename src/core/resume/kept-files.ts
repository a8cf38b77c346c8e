import { untilAborted } from '../net/abort.js';
import { warnOnce } from '../shared/warn-once.js';

/** Maximum size in bytes of a file that is copied to the visitor's disk. */
export const MAX_KEPT_SIZE = 64 * 1024 * 1024;

const DATABASE = 'qiniu-uploader';
const STORE = 'files';

/**
 * Stores files of unfinished uploads, so that they can resume after a reload without choosing the files again: a file's
 * handle if there is one, else a copy of a small file.
 *
 * Files that cannot be stored (private window, full disk, no IndexedDB) must be chosen again; the upload itself is not
 * affected.
 */
export interface KeptFiles {
  keep(name: string, file: File | FileSystemFileHandle): Promise<void>;
  find(name: string): Promise<File | FileSystemFileHandle | undefined>;
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
    if (!(file instanceof File)) {
      await use('readwrite', (files) => files.put(file, name));
      return;
    }
    if (file.size > MAX_KEPT_SIZE) return;
    // Stores the bytes, because a stored `File` would refer to the file on disk, and WebKit does not store `File`s.
    const { name: fileName, type, lastModified } = file;
    const bytes = await file.arrayBuffer().catch(() => undefined);
    if (bytes === undefined) return; // changed or deleted: the upload reports it
    const kept: KeptFile = { bytes, fileName, type, lastModified };
    await use('readwrite', (files) => files.put(kept, name));
  },
  async find(name) {
    const kept = (await use('readonly', (files) => files.get(name))) as KeptFile | FileSystemFileHandle | undefined;
    if (kept === undefined || 'getFile' in kept) return kept;
    const { bytes, fileName, type, lastModified } = kept;
    return new File([bytes], fileName, { type, lastModified });
  },
  async remove(name) {
    await use('readwrite', (files) => files.delete(name));
  },
};

/** Not in TypeScript's library: https://wicg.github.io/file-system-access/#api-filesystemhandle */
interface PermissionHandle extends FileSystemFileHandle {
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
}

/** Reads the file of a handle. Returns `undefined` if the file is missing or permission is denied. */
export async function readHandle(handle: PermissionHandle): Promise<File | undefined> {
  try {
    const permission = (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted';
    return permission === 'granted' ? await handle.getFile() : undefined;
  } catch {
    return undefined; // moved or deleted, or no user gesture
  }
}

/** Timeout of IndexedDB in milliseconds: in some versions of Safari, it never responds. */
const TIMEOUT = 10_000;

async function use(mode: IDBTransactionMode, request: (files: IDBObjectStore) => IDBRequest): Promise<unknown> {
  try {
    if (typeof indexedDB === 'undefined') return undefined;
    return await untilAborted(useDatabase(mode, request), AbortSignal.timeout(TIMEOUT));
  } catch (error) {
    warnOnce(`Files cannot be stored across reloads and must be chosen again: ${String(error)}`);
    return undefined;
  }
}

async function useDatabase(mode: IDBTransactionMode, request: (files: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  try {
    return await resultOf(request(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return resultOf(request);
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The IndexedDB request failed.'));
  });
}
