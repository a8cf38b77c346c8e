import { MOST_PIXELS } from './image-header.js';

/** Pixels that are decoded at this moment, on the whole page. */
let used = 0;
/** Who waits for some of them to be given back, in order. */
const waiting: (() => void)[] = [];

/**
 * Decodes a picture when there is room for it: several small ones at once, large ones one after the other, so that the
 * page never holds many large pictures.
 *
 * @param pixels all that are held at once; more than there is room for goes alone
 */
export async function withPixels<T>(pixels: number, act: () => Promise<T>): Promise<T> {
  while (used > 0 && used + pixels > MOST_PIXELS) await new Promise<void>((resolve) => waiting.push(resolve));
  used += pixels;
  try {
    return await act();
  } finally {
    used -= pixels;
    for (const goOn of waiting.splice(0)) goOn();
  }
}
