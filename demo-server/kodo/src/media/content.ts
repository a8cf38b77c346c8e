import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { BlobStore, StoredFile } from '../store/blob-store.js';

/** Access to the bytes of an upload or an object. */
export interface Content {
  /** The first bytes: enough to detect the type, an image's size and its EXIF data. */
  readonly head: Buffer;
  /** Total size in bytes. */
  readonly size: number;
  /** The bytes from `start` to `end`, inclusive. */
  read(start: number, end: number): Readable;
}

const HEAD = 512 * 1024;

/** Maximum size of an image to process, in bytes, as documented for imageView2. */
const MAX_PICTURE = 20 * 1024 * 1024;

/** Opens files whose concatenation is the content. */
export async function openContent(blobs: BlobStore, files: readonly StoredFile[]): Promise<Content> {
  return {
    head: await blobs.head(files, HEAD),
    size: files.reduce((sum, { size }) => sum + size, 0),
    read: (start, end) => blobs.read(files, start, end),
  };
}

/** All bytes of an image; `undefined` if it exceeds the maximum size. */
export async function readPicture({ size, read }: Content): Promise<Buffer | undefined> {
  return size > MAX_PICTURE ? undefined : buffer(read(0, size - 1));
}
