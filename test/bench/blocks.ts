/** Block size in bytes. Every contender sends one block per part. */
export const BLOCK = 4 * 1024 * 1024;

/** Yields the blocks of a benchmark file. Each block begins with its own number. All blocks share one buffer. */
export function* blocksOf(size: number): Generator<Buffer> {
  const block = Buffer.alloc(BLOCK);
  for (let at = 0; at < size; at += BLOCK) {
    block.writeUInt32LE(at / BLOCK);
    yield block.subarray(0, Math.min(BLOCK, size - at));
  }
}
