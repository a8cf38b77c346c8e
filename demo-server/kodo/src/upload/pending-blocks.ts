import { createHash, randomBytes, type Hash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore, StoredFile } from '../store/blob-store.js';

/** Lifetime of a context in milliseconds. */
const LIFETIME = 86_400_000;

/** A partially received block. */
export interface PendingBlock {
  /** Total size of the block in bytes. */
  readonly size: number;
  /** Number of bytes received. */
  readonly offset: number;
  readonly files: readonly StoredFile[];
  /** SHA-1 of the bytes received. */
  readonly digest: Buffer;
  /** The running hash, continued by the next chunk; recomputed after a restart. */
  readonly hash: Hash | undefined;
  /** Time in milliseconds since 1970. */
  readonly expireAt: number;
}

/**
 * The pending blocks, by context, each of which is valid for the next chunk only: kept in memory and in one small
 * file per context, so that they survive a restart.
 */
export class PendingBlocks {
  readonly #folder: string;
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  readonly #blocks = new Map<string, PendingBlock>();

  private constructor(folder: string, blobs: BlobStore, now: () => number) {
    this.#folder = folder;
    this.#blobs = blobs;
    this.#now = now;
  }

  /**
   * Opens a folder with the data of an earlier run.
   *
   * @param used files that belong to objects: a block that refers to one has been used
   */
  static async open(
    folder: string,
    blobs: BlobStore,
    now: () => number,
    used: ReadonlySet<string>,
  ): Promise<PendingBlocks> {
    const blocks = new PendingBlocks(join(folder, 'blocks'), blobs, now);
    await mkdir(blocks.#folder, { recursive: true });
    for (const context of await readdir(blocks.#folder)) {
      const block = readBlock(await readFile(blocks.#path(context), 'utf8'));
      const isOver = block === undefined || block.expireAt < now() || block.files.some(({ file }) => used.has(file));
      if (isOver) await rm(blocks.#path(context));
      else blocks.#blocks.set(context, block);
    }
    return blocks;
  }

  /** The names of all files that contain a chunk. */
  files(): string[] {
    return [...this.#blocks.values()].flatMap(({ files }) => files.map(({ file }) => file));
  }

  get(context: string): PendingBlock | undefined {
    const block = this.#blocks.get(context);
    return block === undefined || block.expireAt < this.#now() ? undefined : block;
  }

  /**
   * Appends a chunk to a block.
   *
   * @param context the block's current context; absent for a new block
   * @param hash SHA-1 of the block's bytes including the chunk
   * @returns the new context and the block
   */
  async add(
    context: string | undefined,
    chunk: StoredFile,
    size: number,
    hash: Hash,
  ): Promise<{ readonly context: string; readonly block: PendingBlock }> {
    await this.#dropExpired();
    const before = context === undefined ? undefined : this.#blocks.get(context);
    if (context !== undefined) this.#blocks.delete(context);
    const block: PendingBlock = {
      size,
      offset: (before?.offset ?? 0) + chunk.size,
      files: [...(before?.files ?? []), { file: chunk.file, size: chunk.size }],
      digest: hash.copy().digest(),
      expireAt: this.#now() + LIFETIME,
      hash,
    };
    const next = randomBytes(24).toString('base64url');
    this.#blocks.set(next, block);
    await writeFile(this.#path(next), writeBlock(block));
    if (context !== undefined) await this.#forget([context]);
    return { context: next, block };
  }

  /** A hash of a block's bytes, or an empty one, to be continued. */
  async hashOf(context: string | undefined): Promise<Hash> {
    const block = context === undefined ? undefined : this.#blocks.get(context);
    if (block?.hash !== undefined) return block.hash.copy();
    const hash = createHash('sha1');
    if (block === undefined) return hash;
    for await (const chunk of this.#blobs.read(block.files, 0, block.offset - 1)) hash.update(chunk as Buffer);
    return hash;
  }

  /**
   * Reserves blocks while a file is made of them, so that no other call can use them; they are released if `work`
   * says so or throws.
   *
   * @param work returns whether the blocks have been used
   */
  async use<T>(
    contexts: readonly string[],
    work: () => Promise<{ readonly isOver: boolean; readonly result: T }>,
  ): Promise<T> {
    const taken = contexts.flatMap((context) => {
      const block = this.#blocks.get(context);
      return block === undefined ? [] : [[context, block] as const];
    });
    for (const [context] of taken) this.#blocks.delete(context);
    let isOver = false;
    try {
      const done = await work();
      ({ isOver } = done);
      if (isOver) await this.#forget(contexts);
      return done.result;
    } finally {
      if (!isOver) for (const [context, block] of taken) this.#blocks.set(context, block);
    }
  }

  async #dropExpired(): Promise<void> {
    for (const [context, { expireAt, files }] of this.#blocks) {
      if (expireAt >= this.#now()) continue;
      this.#blocks.delete(context);
      await this.#forget([context]);
      await this.#blobs.remove(files);
    }
  }

  async #forget(contexts: readonly string[]): Promise<void> {
    await Promise.all(contexts.map((context) => rm(this.#path(context), { force: true })));
  }

  #path(context: string): string {
    return join(this.#folder, context);
  }
}

function writeBlock({ size, offset, files, digest, expireAt }: PendingBlock): string {
  return JSON.stringify({ size, offset, files, digest: digest.toString('hex'), expireAt });
}

/** Returns `undefined` for a file truncated by a crash. */
function readBlock(text: string): PendingBlock | undefined {
  try {
    const { digest, ...rest } = JSON.parse(text) as Omit<PendingBlock, 'digest' | 'hash'> & { readonly digest: string };
    return { ...rest, digest: Buffer.from(digest, 'hex'), hash: undefined };
  } catch {
    return undefined;
  }
}
