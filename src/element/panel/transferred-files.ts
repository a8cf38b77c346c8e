import type { FileEntry } from '../../core/queue/queue-options.js';
import type { RejectReason } from '../../core/files/rules.js';
import type { TransferItem } from '../transfer.js';

/**
 * All files of a drop or a paste, those in folders with their path.
 *
 * What cannot be read is among them with the reason, and costs nothing else.
 */
export async function readTransfer(items: readonly TransferItem[]): Promise<readonly FileEntry[]> {
  const walk: Walk = { folders: 0 };
  return (await Promise.all(items.map((item) => readItem(item, walk)))).flat();
}

async function readItem({ entry, file, handle }: TransferItem, walk: Walk): Promise<readonly FileEntry[]> {
  if (entry !== null && isFolder(entry)) {
    const files = await filesIn(entry, walk);
    return files.length === 0 ? [refused(entry, { code: 'folder-empty' })] : files;
  }
  const opened = file ?? (entry === null ? undefined : await open(entry as FileSystemFileEntry));
  if (opened === undefined || !(await isReadable(opened))) {
    return [refused(entry ?? file ?? { name: '?' }, UNREADABLE)];
  }
  const found = await handle;
  return [found?.kind === 'file' ? { file: opened, handle: found as FileSystemFileHandle } : { file: opened }];
}

const UNREADABLE: RejectReason = { code: 'unreadable' };

/** A row for what is not taken; a folder is named with a slash at its end. */
function refused(source: { readonly name: string } | FileSystemEntry, rejected: RejectReason): FileEntry {
  const isEntry = 'fullPath' in source;
  const path = isEntry ? pathOf(source) + (isFolder(source) ? '/' : '') : undefined;
  return { file: new File([], source.name), path: path === source.name ? undefined : path, rejected };
}

/** The files in a folder and in those in it, without what systems leave there. */
async function filesIn(folder: FileSystemDirectoryEntry, walk: Walk): Promise<readonly FileEntry[]> {
  walk.folders += 1;
  if (walk.folders > MOST_FOLDERS || folder.fullPath.split('/').length > DEEPEST) return [refused(folder, UNREADABLE)];
  const { entries, isWhole } = await entriesOf(folder);
  const files = await Promise.all(
    entries.map((entry) => (isFolder(entry) ? filesIn(entry, walk) : fileOf(entry as FileSystemFileEntry))),
  );
  return [...files.flat().filter((entry) => !isJunk(entry)), ...(isWhole ? [] : [refused(folder, UNREADABLE)])];
}

/** How many folders of a drop have been read. */
interface Walk {
  folders: number;
}

/** A folder that holds a link to itself has no end; browsers skip links, but they need not. */
const MOST_FOLDERS = 50_000;
const DEEPEST = 256;

async function fileOf(entry: FileSystemFileEntry): Promise<FileEntry> {
  const file = await open(entry);
  return file !== undefined && (await isReadable(file)) ? { file, path: pathOf(entry) } : refused(entry, UNREADABLE);
}

/** Nothing where the file is gone, or must not be read. */
async function open(entry: FileSystemFileEntry): Promise<File | undefined> {
  try {
    return await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  } catch {
    return undefined;
  }
}

/**
 * Whether a file that claims to be empty is one: browsers give pipes, sockets and devices as empty files, which have
 * neither a type nor an extension, and what is gone too.
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

/** Chromium hands out at most 100 entries a call: https://developer.mozilla.org/docs/Web/API/FileSystemDirectoryReader */
async function entriesOf(
  folder: FileSystemDirectoryEntry,
): Promise<{ readonly entries: readonly FileSystemEntry[]; readonly isWhole: boolean }> {
  const entries: FileSystemEntry[] = [];
  try {
    const reader = folder.createReader();
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return { entries, isWhole: true };
      entries.push(...some);
    }
  } catch {
    return { entries, isWhole: false };
  }
}

/** What systems leave in folders, and nobody means to upload. */
const JUNK = /^(\.DS_Store|\._.*|Thumbs\.db|desktop\.ini)$/i;

/** Whether a file of a folder is the system's own; a file that was chosen by itself is meant. */
function isJunk({ file, path = '' }: FileEntry): boolean {
  return path !== '' && (JUNK.test(file.name) || /(^|\/)__MACOSX\//.test(path));
}

/** Files of a picker, without what systems leave in folders; of a folder with nothing else, that it is empty. */
export function pickedFiles(files: readonly File[]): readonly FileEntry[] {
  const entries = files.map((file) => ({ file, path: file.webkitRelativePath }));
  const meant = entries.filter((entry) => !isJunk(entry));
  const [folder = ''] = entries[0]?.path.split('/') ?? [];
  if (meant.length > 0 || folder === '') return meant;
  return [{ file: new File([], folder), path: `${folder}/`, rejected: { code: 'folder-empty' } }];
}

/** Names pictures of a paste by the time: browsers call every one `image.png`. */
export function namePasted(entry: FileEntry): FileEntry {
  const { file } = entry;
  if (file.name !== 'image.png' || entry.rejected !== undefined) return entry;
  const time = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().replace(/\D/g, '');
  return { file: new File([file], `${time.slice(0, 8)}-${time.slice(8, 17)}.png`, { type: file.type }) };
}
