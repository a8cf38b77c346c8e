import type { FileEntry } from '../items/file-entry.js';
import type { UploadFile } from '../items/upload-item.js';

let lastId = 0;

/** Whether a value is a `File`, including one from another realm such as an iframe, where `instanceof` fails. */
export function isFile(value: unknown): value is File {
  return Object.prototype.toString.call(value) === '[object File]';
}

/**
 * Creates the queue's entry for an added file, with a new ID.
 *
 * @throws {TypeError} if it is not a `File`
 */
export function toUploadFile(entry: File | FileEntry): UploadFile {
  const { file, path, handle }: Partial<FileEntry> = isFile(entry)
    ? { file: entry, path: entry.webkitRelativePath }
    : (entry ?? {});
  if (!isFile(file)) {
    const kind = Object.prototype.toString.call(file ?? entry).slice(8, -1);
    const remedy = kind === 'Blob' ? ' Give it a name: new File([blob], name).' : '';
    throw new TypeError(`Only File objects can be added, not ${kind}.${remedy}`);
  }
  lastId += 1;
  const { name, size, type } = file;
  return { id: `upload-${lastId}`, file, name, size, type, path: path === '' ? undefined : path, handle };
}
