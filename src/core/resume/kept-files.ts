import { untilAborted } from '../net/abort.js';
import { warnOnce } from '../shared/warn-once.js';

/** Largest file in bytes that is kept: a copy is written to the visitor's disk. */
export const KEPT_AT_MOST = 64 * 1024 * 1024;

const DATABASE = 'qiniu-uploader';
const STORE = 'files';

/**
 * Files whose upload is not over, so that it can go on after a reload without choosing them again: where the browser
 * told it, where the file is, else a copy of a small one.
 *
 * What cannot be kept (private window, full disk, no IndexedDB) must be chosen again; the upload itself goes on.
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
    if (file.size > KEPT_AT_MOST) return;
    // The bytes, not the `File`: that would refer to the file on disk, and WebKit keeps none.
    const { name: fileName, type, lastModified } = file;
    const bytes = await file.arrayBuffer().catch(() => undefined);
    if (bytes === undefined) return; // changed or gone: the upload itself says so
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
interface AskingHandle extends FileSystemFileHandle {
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
}

/** The file as it is now, or nothing where it is gone or the visitor does not allow it to be read. */
export async function readHandle(handle: AskingHandle): Promise<File | undefined> {
  try {
    const permission = (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted';
    return permission === 'granted' ? await handle.getFile() : undefined;
  } catch {
    return undefined; // moved or deleted; or asked for without a click
  }
}

/** Milliseconds after which an IndexedDB that does not answer is given up: some versions of Safari never do. */
const TIMEOUT = 10_000;

async function use(mode: IDBTransactionMode, act: (files: IDBObjectStore) => IDBRequest): Promise<unknown> {
  try {
    if (typeof indexedDB === 'undefined') return undefined;
    return await untilAborted(useNow(mode, act), AbortSignal.timeout(TIMEOUT));
  } catch (error) {
    warnOnce(`Files cannot be kept over a reload and must be chosen again: ${String(error)}`);
    return undefined;
  }
}

async function useNow(mode: IDBTransactionMode, act: (files: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
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
