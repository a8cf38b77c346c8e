import type { FileEntry } from './queue-options.js';
import type { UploadFile } from './upload-item.js';

let lastId = 0;

/**
 * What a queue keeps of a file that was added, under a new id.
 *
 * @throws {TypeError} when it is not a `File`
 */
export function toUploadFile(entry: File | FileEntry): UploadFile {
  const { file, path, handle }: FileEntry =
    entry instanceof File ? { file: entry, path: entry.webkitRelativePath } : (entry ?? {});
  if (!(file instanceof File)) {
    throw new TypeError(`Only files can be added, not ${file === undefined ? typeof entry : typeof file}.`);
  }
  lastId += 1;
  const { name, size, type } = file;
  return { id: `upload-${lastId}`, file, name, size, type, path: path === '' ? undefined : path, handle };
}
