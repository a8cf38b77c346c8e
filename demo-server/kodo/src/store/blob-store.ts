import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { EtagHash } from './etag.js';

/** A file on disk with a generated name. */
export interface StoredFile {
  readonly file: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Optional checksums, computed in addition to the etag. */
export interface Checksums {
  /** Lower-case hex; empty if not requested. */
  readonly md5: string;
  /** 0 if not requested. */
  readonly crc32: number;
}

/** A stored file with the checksums computed while writing it. */
export interface Blob extends StoredFile, Checksums {
  /** Qiniu's hash, version 1. */
  readonly etag: string;
}

/** Streams data to files with generated names; a key is never used as a path. */
export class BlobStore {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<BlobStore> {
    await mkdir(folder, { recursive: true });
    return new BlobStore(folder);
  }

  /**
   * Writes a stream to a new file; if the stream fails, the file is removed.
   *
   * @param wanted optional checksums to compute, each at a cost; the etag is always computed
   */
  async write(source: Readable, wanted: { readonly [Name in keyof Checksums]?: boolean } = {}): Promise<Blob> {
    const file = randomUUID();
    const etag = new EtagHash();
    const md5 = wanted.md5 === true ? createHash('md5') : undefined;
    let size = 0;
    let crc = 0;
    const measure = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        etag.update(chunk);
        md5?.update(chunk);
        if (wanted.crc32 === true) crc = crc32(chunk, crc);
        size += chunk.length;
        yield chunk;
      }
    };
    // One chunk at a time: with hundreds of bodies at once, queues would take up most of the memory.
    const target = createWriteStream(this.#path(file), { highWaterMark: 1 });
    try {
      await pipeline(source, measure, target);
    } catch (error) {
      // A file that is still being opened would be created after its removal.
      if (!target.closed) await new Promise<void>((resolve) => target.once('close', () => resolve()));
      await this.remove([{ file }]);
      throw error;
    }
    return { file, size, etag: etag.digest(), md5: md5?.digest('hex') ?? '', crc32: crc };
  }

  /** Reads the concatenation of several files, from `start` to `end`, inclusive. */
  read(files: readonly StoredFile[], start: number, end: number): Readable {
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

  /** Reads the first bytes of the concatenation of several files. */
  async head(files: readonly StoredFile[], length: number): Promise<Buffer> {
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

  async remove(files: readonly Pick<StoredFile, 'file'>[]): Promise<void> {
    await Promise.all(files.map(({ file }) => rm(this.#path(file), { force: true })));
  }

  /** Removes all unreferenced files, left incomplete by a crash. */
  async keepOnly(files: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder);
    await this.remove(names.filter((file) => !files.has(file)).map((file) => ({ file })));
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }
}
