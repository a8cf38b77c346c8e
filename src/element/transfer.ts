/** One file or folder of a drop or a paste, as far as it can only be read during the event. */
export interface TransferItem {
  /** Nothing in browsers without entries, and where what was dropped is gone. */
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
  /** Where the file is, so that it is found again after a reload; only in Chromium. */
  readonly handle: Promise<FileSystemHandle | null> | undefined;
}

/** https://wicg.github.io/file-system-access/#drag-and-drop, which TypeScript's library lacks. */
interface ItemWithHandle extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** All files and folders of a drop or a paste. To be called during the event: the transfer is empty after it. */
export function itemsOf({ items }: DataTransfer): readonly TransferItem[] {
  return [...items]
    .filter(({ kind }) => kind === 'file')
    .map((item: ItemWithHandle) => ({
      entry: item.webkitGetAsEntry?.() ?? null,
      file: item.getAsFile(),
      handle: item.getAsFileSystemHandle?.().catch(() => null),
    }));
}

/**
 * Whether a clipboard holds text and its files are only pictures of it, as Word and Excel copy their text.
 *
 * Text that only says where the files are does not count: file managers copy names, paths or addresses, and browsers a
 * picture's address beside the picture.
 */
export function isText(transfer: DataTransfer): boolean {
  const files = [...transfer.files];
  const isAddress = /<img\b/i.test(transfer.getData('text/html'))
    ? /^(\/|[a-z]:\\|\w+:\S+$)/i
    : /^(\/|[a-z]:\\|file:)/i;
  return (
    files.every(({ type }) => type.startsWith('image/')) &&
    transfer
      .getData('text/plain')
      .split(/[\r\n\uFFFC]+/) // Word puts U+FFFC where a picture is
      .some((line) => line.trim() !== '' && !isAddress.test(line.trim()) && !files.some(({ name }) => name === line))
  );
}
