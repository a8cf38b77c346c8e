import type { FileEntry } from '../core/queue-options.js';

/**
 * All files of a drop, those in folders with their path.
 *
 * The transfer is read at once, because it is empty after the event; the folders are read after.
 */
export function transferredFiles(transfer: DataTransfer): Promise<readonly (File | FileEntry)[]> {
  const sources = [...transfer.items].flatMap((item): (FileSystemEntry | Promise<File | FileEntry>)[] => {
    if (item.kind !== 'file') return [];
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) return [entry];
    const file = item.getAsFile();
    return file === null ? [] : [withHandle(file, item)];
  });
  return Promise.all(
    sources.map(async (source) => (source instanceof Promise ? [await source] : filesOf(source))),
  ).then((lists) => lists.flat());
}

/** Not in TypeScript's library, and only in Chromium: https://wicg.github.io/file-system-access/#drag-and-drop */
interface ItemWithHandle extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** With where the file is, if the browser tells: so that it is found again after a reload. */
async function withHandle(file: File, item: ItemWithHandle): Promise<File | FileEntry> {
  const handle = await item.getAsFileSystemHandle?.().catch(() => null);
  return handle?.kind === 'file' ? { file, handle: handle as FileSystemFileHandle } : file;
}

/** Whether a drag carries files: text and links are not ours. */
export function carriesFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes('Files') ?? false;
}

async function filesOf(source: FileSystemEntry): Promise<readonly FileEntry[]> {
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

/** What systems leave in folders: nobody means to upload it. */
const JUNK = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i;

/** Whether a file of a folder is the system's own; a file that was chosen by itself is meant. */
export function isJunk(entry: File | FileEntry): boolean {
  const { file, path } = entry instanceof File ? { file: entry, path: entry.webkitRelativePath } : entry;
  return Boolean(path) && (JUNK.test(file.name) || /(^|\/)__MACOSX\//.test(path ?? ''));
}

/** Files of a paste; browsers call every picture that was copied `image.png`, so such a one is named by the time. */
export function pastedFiles(transfer: DataTransfer): readonly File[] {
  return [...transfer.files].map((file) => {
    if (file.name !== 'image.png') return file;
    const time = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().replace(/\D/g, '');
    return new File([file], `${time.slice(0, 8)}-${time.slice(8, 17)}.png`, { type: file.type });
  });
}
