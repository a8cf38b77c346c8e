import { createHash, randomUUID, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { EtagHash } from './etag.js';

/** Bytes on disk under a generated name, with what was computed while they came in. */
export interface Blob {
  readonly file: string;
  readonly size: number;
  /** Qiniu's hash, version 1. */
  readonly etag: string;
  /** Lower-case hex. */
  readonly md5: string;
  readonly crc32: number;
}

/** Streams bytes to files of generated names; a key never becomes a path. */
export class BlobStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes a stream to a new file; a broken stream leaves nothing behind. */
  async write(source: Readable): Promise<Blob> {
    const file = randomUUID();
    const etag = new EtagHash();
    const md5: Hash = createHash('md5');
    let size = 0;
    let crc = 0;
    const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        etag.update(chunk);
        md5.update(chunk);
        crc = crc32(chunk, crc);
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(source, measure, createWriteStream(this.#path(file)));
    } catch (error) {
      await this.remove([file]);
      throw error;
    }
    return { file, size, etag: etag.digest(), md5: md5.digest('hex'), crc32: crc };
  }

  /** The bytes of several files in a row, from `start` to `end` inclusive. */
  read(files: readonly Pick<Blob, 'file' | 'size'>[], start: number, end: number): Readable {
    const path = (file: string): string => this.#path(file);
    return Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        let offset = 0;
        for (const { file, size } of files) {
          const [from, to] = [Math.max(0, start - offset), Math.min(size - 1, end - offset)];
          offset += size;
          if (from > to) continue;
          for await (const chunk of createReadStream(path(file), { start: from, end: to })) yield chunk as Buffer;
        }
      })(),
      { objectMode: false },
    );
  }

  /** The first bytes of several files in a row. */
  async head(files: readonly Pick<Blob, 'file' | 'size'>[], length: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let missing = length;
    for (const { file, size } of files) {
      if (missing === 0) break;
      const wanted = Math.min(missing, size);
      const handle = await open(this.#path(file));
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, 0);
        chunks.push(buffer.subarray(0, bytesRead));
      } finally {
        await handle.close();
      }
      missing -= wanted;
    }
    return Buffer.concat(chunks);
  }

  async remove(files: readonly string[]): Promise<void> {
    await Promise.all(files.map((file) => rm(this.#path(file), { force: true })));
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }
}
