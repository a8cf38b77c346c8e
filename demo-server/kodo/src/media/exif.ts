import type { Content } from './content.js';
import { findLibrary } from './optional-library.js';

/** The value of `$(exif)`: EXIF names, texts as libexif formats them, and EXIF type numbers. */
export type Exif = Readonly<Record<string, { readonly type: number; readonly val: string }>>;

/** The part of libexif that is used. */
interface ExifLibrary {
  readonly ExifData: { readonly new: () => ExifData };
  readonly ExifTagInfo: { getNameInIfd(tag: string, ifd: string): string };
}

interface ExifData {
  /** The directories: image, thumbnail, EXIF, GPS, interoperability. */
  readonly ifd: readonly { readonly entries: readonly ExifEntry[] }[];
  unsetOption(option: 'FOLLOW_SPECIFICATION'): void;
  loadData(data: Uint8Array): void;
  free(): void;
}

interface ExifEntry {
  /** `null` for an unknown tag. */
  readonly tag: string | null;
  readonly ifd: string | null;
  readonly formatVal: number;
  toString(): string;
}

/**
 * The EXIF data of a JPEG; `undefined` if it has none.
 *
 * Uses libexif, because Kodo's documented texts are in its format: `1/50 sec.`, `0.33 EV`.
 * Source: https://developer.qiniu.com/kodo/1235/vars
 */
export async function exifOf({ head }: Content, onWarning: (text: string) => void): Promise<Exif | undefined> {
  if (head.length < 2 || head.readUInt16BE(0) !== 0xffd8) return undefined;
  const library = await findLibrary<ExifLibrary>('libexif-wasm', 'exif is unavailable', onWarning);
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
    data.unsetOption('FOLLOW_SPECIFICATION'); // it would add fields that are not in the file
    data.loadData(head);
    const fields = new Map<string, Exif[string]>();
    for (const entry of data.ifd.flatMap(({ entries }) => entries)) {
      if (entry.tag === null || entry.ifd === null) continue;
      const name = ExifTagInfo.getNameInIfd(entry.tag, entry.ifd);
      // The image's own fields come before the thumbnail's fields of the same name.
      if (!fields.has(name)) fields.set(name, { type: entry.formatVal, val: entry.toString() });
    }
    return fields.size === 0 ? undefined : Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    data.free();
  }
}
