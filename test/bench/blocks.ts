/** Bytes of a block, of which everyone sends one as a part. */
export const BLOCK = 4 * 1024 * 1024;

/** What the bench's files are made of: each block begins with its own number. The buffer is the same each time. */
export function* blocksOf(size: number): Generator<Buffer> {
  const block = Buffer.alloc(BLOCK);
  for (let at = 0; at < size; at += BLOCK) {
    block.writeUInt32LE(at / BLOCK);
    yield block.subarray(0, Math.min(BLOCK, size - at));
  }
}
