import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { BlobStore, StoredFile } from '../store/blob-store.js';

/** The bytes of an upload or an object, as far as something looks into them. */
export interface Content {
  /** The first bytes: enough to tell a type, a picture's size and its EXIF data. */
  readonly head: Buffer;
  /** Bytes in all. */
  readonly size: number;
  /** The bytes from `start` to `end` inclusive. */
  read(start: number, end: number): Readable;
}

const HEAD = 512 * 1024;

/** Largest picture that is worked on, in bytes, as documented for imageView2. */
const MAX_PICTURE = 20 * 1024 * 1024;

/** Opens files that hold the bytes in a row. */
export async function openContent(blobs: BlobStore, files: readonly StoredFile[]): Promise<Content> {
  return {
    head: await blobs.head(files, HEAD),
    size: files.reduce((sum, { size }) => sum + size, 0),
    read: (start, end) => blobs.read(files, start, end),
  };
}

/** All bytes of a picture; nothing where there are too many. */
export async function readPicture({ size, read }: Content): Promise<Buffer | undefined> {
  return size > MAX_PICTURE ? undefined : buffer(read(0, size - 1));
}
