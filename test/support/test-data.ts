import { createHash } from 'node:crypto';

/** Returns pseudorandom bytes that depend on the seed, without a repeating pattern. */
export function bytes(size: number, seed = 1): Buffer {
  const data = Buffer.alloc(size);
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let offset = 0; offset < size; offset += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[offset] = state & 0xff;
  }
  return data;
}

/** Returns lower-case hex. */
export function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** A PNG of one blue pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==',
  'base64',
);
