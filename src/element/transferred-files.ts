import type { FileInFolder } from '../core/upload-queue.js';

/**
 * All files of a drop, those in folders with their path.
 *
 * The transfer is read at once, because it is empty after the event; the folders are read after.
 */
export function transferredFiles(transfer: DataTransfer): Promise<readonly (File | FileInFolder)[]> {
  const entries = [...transfer.items].flatMap((item): (File | FileSystemEntry)[] => {
    if (item.kind !== 'file') return [];
    const entry = item.webkitGetAsEntry();
    const source = entry?.isDirectory ? entry : item.getAsFile();
    return source === null ? [] : [source];
  });
  return Promise.all(entries.map(filesOf)).then((lists) => lists.flat());
}

/** Whether a drag carries files: text and links are not ours. */
export function carriesFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes('Files') ?? false;
}

async function filesOf(source: File | FileSystemEntry): Promise<readonly (File | FileInFolder)[]> {
  if (source instanceof File) return [source];
  if (isFile(source)) {
    const file = await new Promise<File>((resolve, reject) => source.file(resolve, reject));
    return [{ file, path: source.fullPath.replace(/^\//, '') }];
  }
  const children = await childrenOf(source as FileSystemDirectoryEntry);
  return (await Promise.all(children.map(filesOf))).flat();
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

/** Chromium hands out at most 100 entries a call: https://developer.mozilla.org/docs/Web/API/FileSystemDirectoryReader */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
