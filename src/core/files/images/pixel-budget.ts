import { MOST_PIXELS } from './image-header.js';

/** Pixels currently decoded in the whole page. */
let used = 0;
/** Callbacks that wait for pixels to be released, in order. */
const waiting: (() => void)[] = [];

/**
 * Runs a function that decodes an image once there is room for its pixels: several small images at once, large ones one
 * at a time, to limit memory.
 *
 * @param pixels total pixels held at once; if they exceed the limit, the function runs alone
 */
export async function withPixels<T>(pixels: number, act: () => Promise<T>): Promise<T> {
  while (used > 0 && used + pixels > MOST_PIXELS) await new Promise<void>((resolve) => waiting.push(resolve));
  used += pixels;
  try {
    return await act();
  } finally {
    used -= pixels;
    for (const resume of waiting.splice(0)) resume();
  }
}
