import { createHash, type Hash } from 'node:crypto';

/** Block size in bytes; https://github.com/qiniu/qetag */
export const BLOCK_SIZE = 4 * 1024 * 1024;

const SINGLE_BLOCK = 0x16;
const SEVERAL_BLOCKS = 0x96;
const SEVERAL_PARTS = 0x9e;

/** Computes Qiniu's content hash (version 1) of a stream of chunks of any size. */
export class EtagHash {
  #blocks: Buffer[] = [];
  #block: Hash = createHash('sha1');
  #filled = 0;

  update(data: Buffer): this {
    let rest = data;
    while (rest.length > 0) {
      if (this.#filled === BLOCK_SIZE) this.#endBlock();
      const piece = rest.subarray(0, BLOCK_SIZE - this.#filled);
      this.#block.update(piece);
      this.#filled += piece.length;
      rest = rest.subarray(piece.length);
    }
    return this;
  }

  /** Returns 28 base64url characters, starting with `F` for one block, `l` for several. Ends the computation. */
  digest(): string {
    this.#endBlock();
    return etagOfBlocks(this.#blocks);
  }

  #endBlock(): void {
    this.#blocks.push(this.#block.digest());
    this.#block = createHash('sha1');
    this.#filled = 0;
  }
}

/** A part of a multipart upload, for computing the object's hash. */
export interface HashedPart {
  readonly size: number;
  /** Hash of the part, version 1. */
  readonly etag: string;
}

/**
 * Whether an object made of these parts has the hash of its content (version 1): every part but the last is exactly
 * one block, and the last is at most one block. Otherwise the hash depends on the parts (version 2).
 */
export function isHashedByBytes(parts: readonly HashedPart[]): boolean {
  return parts.every(({ size }, index) => (index === parts.length - 1 ? size <= BLOCK_SIZE : size === BLOCK_SIZE));
}

/** The hash of an object made of parts: version 1 if applicable, otherwise version 2, which starts with `n`. */
export function etagOfParts(parts: readonly HashedPart[]): string {
  if (!isHashedByBytes(parts)) return encode(SEVERAL_PARTS, sha1(Buffer.concat(digestsOf(parts))));
  // An empty last part does not count as a block.
  const blocks = parts.filter(({ size }, index) => size > 0 || index === 0);
  return etagOfBlocks(digestsOf(blocks));
}

/** The hash (version 1) of blocks, from their SHA-1 digests. */
export function etagOfBlocks(digests: readonly Buffer[]): string {
  const [only] = digests;
  if (digests.length === 1 && only !== undefined) return encode(SINGLE_BLOCK, only);
  return encode(SEVERAL_BLOCKS, sha1(Buffer.concat(digests)));
}

function digestsOf(parts: readonly HashedPart[]): Buffer[] {
  return parts.map(({ etag }) => Buffer.from(etag, 'base64url').subarray(1));
}

function sha1(data: Buffer): Buffer {
  return createHash('sha1').update(data).digest();
}

function encode(prefix: number, digest: Buffer): string {
  return Buffer.concat([Buffer.from([prefix]), digest]).toString('base64url');
}
