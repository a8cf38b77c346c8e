/** A dropped or pasted file or folder: the data that is only available during the event. */
export interface TransferItem {
  /** `null` in browsers without the entries API, and for a file that no longer exists. */
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
  /** Handle that gives access to the file after a reload; Chromium only. */
  readonly handle: Promise<FileSystemHandle | null> | undefined;
}

/** Missing from TypeScript's DOM library: https://wicg.github.io/file-system-access/#drag-and-drop */
interface ItemWithHandle extends DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Returns dropped or pasted files and folders. Call during the event: the transfer is empty afterwards. */
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
 * Whether a clipboard contains text whose files are only images of it, as Word and Excel copy text.
 *
 * Text that only locates the files does not count: file managers also copy names, paths or URLs, and browsers copy the
 * URL of an image with the image.
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
      .split(/[\r\n\uFFFC]+/) // Word inserts U+FFFC for an image
      .some((line) => line.trim() !== '' && !isAddress.test(line.trim()) && !files.some(({ name }) => name === line))
  );
}
