import type { Content } from './content.js';
import { findLibrary } from './optional-library.js';

/** What `$(exif)` holds: names of EXIF, texts as libexif writes them, numbers of EXIF's types. */
export type Exif = Readonly<Record<string, { readonly type: number; readonly val: string }>>;

/** As much of libexif as is used. */
interface ExifLibrary {
  readonly ExifData: { readonly new: () => ExifData };
  readonly ExifTagInfo: { getNameInIfd(tag: string, ifd: string): string };
}

interface ExifData {
  /** The directories: the picture's, its thumbnail's, EXIF's, GPS, interoperability. */
  readonly ifd: readonly { readonly entries: readonly ExifEntry[] }[];
  unsetOption(option: 'FOLLOW_SPECIFICATION'): void;
  loadData(data: Uint8Array): void;
  free(): void;
}

interface ExifEntry {
  /** Nothing for an unknown one. */
  readonly tag: string | null;
  readonly ifd: string | null;
  readonly formatVal: number;
  toString(): string;
}

/**
 * The EXIF data of a JPEG; nothing where there are none.
 *
 * libexif, because Kodo's documented texts are its own: `1/50 sec.`, `0.33 EV`.
 * Source: https://developer.qiniu.com/kodo/1235/vars
 */
export async function exifOf({ head }: Content, onWarning: (text: string) => void): Promise<Exif | undefined> {
  if (head.length < 2 || head.readUInt16BE(0) !== 0xffd8) return undefined;
  const library = await findLibrary<ExifLibrary>('libexif-wasm', 'exif is absent', onWarning);
  if (library === undefined) return undefined;
  try {
    return readFields(head, library);
  } catch {
    return undefined; // damaged data
  }
}

function readFields(head: Buffer, { ExifData, ExifTagInfo }: ExifLibrary): Exif | undefined {
  const data = ExifData.new();
  try {
    data.unsetOption('FOLLOW_SPECIFICATION'); // which would add fields that the file does not have
    data.loadData(head);
    const fields = new Map<string, Exif[string]>();
    for (const entry of data.ifd.flatMap(({ entries }) => entries)) {
      if (entry.tag === null || entry.ifd === null) continue;
      const name = ExifTagInfo.getNameInIfd(entry.tag, entry.ifd);
      // The picture's own fields come before those of its thumbnail, which are called the same.
      if (!fields.has(name)) fields.set(name, { type: entry.formatVal, val: entry.toString() });
    }
    return fields.size === 0 ? undefined : Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    data.free();
  }
}
