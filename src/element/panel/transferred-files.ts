import type { FileEntry } from '../../core/items/file-entry.js';
import type { RejectReason } from '../../core/items/reject-reason.js';
import type { TransferItem } from '../transfer.js';

/**
 * Returns all dropped or pasted files; files in folders include their path.
 *
 * An unreadable entry is returned with its reject reason and does not affect the others.
 */
export async function readTransfer(items: readonly TransferItem[]): Promise<readonly FileEntry[]> {
  const walk: Walk = { folders: 0 };
  return (await Promise.all(items.map((item) => readItem(item, walk)))).flat();
}

async function readItem({ entry, file, handle }: TransferItem, walk: Walk): Promise<readonly FileEntry[]> {
  if (entry !== null && isFolder(entry)) {
    const files = await filesIn(entry, walk);
    return files.length === 0 ? [rejectedEntry(entry, { code: 'folder-empty' })] : files;
  }
  const opened = file ?? (entry === null ? undefined : await open(entry as FileSystemFileEntry));
  if (opened === undefined || !(await isReadable(opened))) {
    return [rejectedEntry(entry ?? file ?? { name: '?' }, UNREADABLE)];
  }
  const found = await handle;
  return [found?.kind === 'file' ? { file: opened, handle: found as FileSystemFileHandle } : { file: opened }];
}

const UNREADABLE: RejectReason = { code: 'unreadable' };

/** Creates an entry for a rejected file or folder; a folder's path ends with a slash. */
function rejectedEntry(source: { readonly name: string } | FileSystemEntry, rejected: RejectReason): FileEntry {
  const isEntry = 'fullPath' in source;
  const path = isEntry ? pathOf(source) + (isFolder(source) ? '/' : '') : undefined;
  return { file: new File([], source.name), path: path === source.name ? undefined : path, rejected };
}

/** Returns the files in a folder, recursively, without system files. */
async function filesIn(folder: FileSystemDirectoryEntry, walk: Walk): Promise<readonly FileEntry[]> {
  walk.folders += 1;
  if (walk.folders > MAX_FOLDERS || folder.fullPath.split('/').length > MAX_DEPTH)
    return [rejectedEntry(folder, UNREADABLE)];
  const { entries, isComplete } = await entriesOf(folder);
  const files = await Promise.all(
    entries.map((entry) => (isFolder(entry) ? filesIn(entry, walk) : fileOf(entry as FileSystemFileEntry))),
  );
  return [
    ...files.flat().filter((entry) => !isJunk(entry)),
    ...(isComplete ? [] : [rejectedEntry(folder, UNREADABLE)]),
  ];
}

/** Counts the folders read in one drop. */
interface Walk {
  folders: number;
}

/** Limits that end cycles of symbolic links, which browsers skip but are not required to. */
const MAX_FOLDERS = 50_000;
const MAX_DEPTH = 256;

async function fileOf(entry: FileSystemFileEntry): Promise<FileEntry> {
  const file = await open(entry);
  return file !== undefined && (await isReadable(file))
    ? { file, path: pathOf(entry) }
    : rejectedEntry(entry, UNREADABLE);
}

/** Returns `undefined` if the file no longer exists or cannot be read. */
async function open(entry: FileSystemFileEntry): Promise<File | undefined> {
  try {
    return await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  } catch {
    return undefined;
  }
}

/**
 * Whether an empty file is really a readable file: browsers also report missing files as empty, and pipes, sockets and
 * devices as empty files without a type or an extension.
 */
async function isReadable(file: File): Promise<boolean> {
  if (file.size > 0) return true;
  if (file.type === '' && !file.name.includes('.')) return false;
  try {
    await file.arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function pathOf(entry: FileSystemEntry): string {
  return entry.fullPath.replace(/^\//, '');
}

/** Chromium returns at most 100 entries per call: https://developer.mozilla.org/docs/Web/API/FileSystemDirectoryReader */
async function entriesOf(
  folder: FileSystemDirectoryEntry,
): Promise<{ readonly entries: readonly FileSystemEntry[]; readonly isComplete: boolean }> {
  const entries: FileSystemEntry[] = [];
  try {
    const reader = folder.createReader();
    for (;;) {
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return { entries, isComplete: true };
      entries.push(...batch);
    }
  } catch {
    return { entries, isComplete: false };
  }
}

/** Files that operating systems create in folders. */
const JUNK = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i;

/** Whether a file in a folder is a system file. A file that was chosen individually never is. */
function isJunk({ file, path = '' }: FileEntry): boolean {
  return path !== '' && (JUNK.test(file.name) || /(^|\/)__MACOSX\//.test(path));
}

/** Returns picked files without system files; a folder without other files is rejected as empty. */
export function pickedFiles(files: readonly File[]): readonly FileEntry[] {
  const entries = files.map((file) => ({ file, path: file.webkitRelativePath }));
  const wanted = entries.filter((entry) => !isJunk(entry));
  const [folder = ''] = entries[0]?.path.split('/') ?? [];
  if (wanted.length > 0 || folder === '') return wanted;
  return [{ file: new File([], folder), path: `${folder}/`, rejected: { code: 'folder-empty' } }];
}

/** Names pasted images by the current time: browsers name every one `image.png`. */
export function namePasted(entry: FileEntry): FileEntry {
  const { file } = entry;
  if (file.name !== 'image.png' || entry.rejected !== undefined) return entry;
  const time = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().replace(/\D/g, '');
  return { file: new File([file], `${time.slice(0, 8)}-${time.slice(8, 17)}.png`, { type: file.type }) };
}
