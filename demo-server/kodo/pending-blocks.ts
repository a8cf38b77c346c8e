import { createHash, randomBytes, type Hash } from 'node:crypto';
import type { BlobStore, StoredFile } from './blob-store.js';

/** Milliseconds a context lives. */
const LIFETIME = 86_400_000;

/** A block of an upload in blocks, as far as it has come in. */
export interface PendingBlock {
  /** Bytes that the block shall have. */
  readonly size: number;
  /** Bytes that have come in. */
  readonly offset: number;
  readonly files: readonly StoredFile[];
  /** SHA-1 of what has come in. */
  readonly digest: Buffer;
  /** Milliseconds since 1970. */
  readonly expireAt: number;
}

/**
 * The blocks under way, by their contexts. Each context is good for the next chunk only, and none survives a
 * restart: the client then starts the block afresh, as it does when a context has expired.
 */
export class PendingBlocks {
  readonly #blobs: BlobStore;
  readonly #now: () => number;
  readonly #blocks = new Map<string, PendingBlock & { readonly hash: Hash }>();

  constructor(blobs: BlobStore, now: () => number) {
    this.#blobs = blobs;
    this.#now = now;
  }

  get(context: string): PendingBlock | undefined {
    const block = this.#blocks.get(context);
    return block === undefined || block.expireAt < this.#now() ? undefined : block;
  }

  /**
   * Adds a chunk to a block.
   *
   * @param context the block so far; absent for a new one
   * @param hash SHA-1 of the chunk's bytes appended to those before
   * @returns the context that goes on, and the block
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
    const block = {
      size,
      offset: (before?.offset ?? 0) + chunk.size,
      files: [...(before?.files ?? []), { file: chunk.file, size: chunk.size }],
      digest: hash.copy().digest(),
      expireAt: this.#now() + LIFETIME,
      hash,
    };
    const next = randomBytes(24).toString('base64url');
    this.#blocks.set(next, block);
    return { context: next, block };
  }

  /** A hash that goes on from a block's bytes, or from nothing. */
  hashOf(context: string | undefined): Hash {
    const block = context === undefined ? undefined : this.#blocks.get(context);
    return block?.hash.copy() ?? createHash('sha1');
  }

  /**
   * Takes blocks out while a file is made of them, so that nobody else can; they come back if `work` says so or
   * throws.
   *
   * @param work answers whether the blocks are used up
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
      return done.result;
    } finally {
      if (!isOver) for (const [context, block] of taken) this.#blocks.set(context, block);
    }
  }

  async #dropExpired(): Promise<void> {
    for (const [context, { expireAt, files }] of this.#blocks) {
      if (expireAt >= this.#now()) continue;
      this.#blocks.delete(context);
      await this.#blobs.remove(files);
    }
  }
}
