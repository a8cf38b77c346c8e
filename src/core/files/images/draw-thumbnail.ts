import { isCanvasTrue } from './canvas-proof.js';
import { MOST_PIXELS, pixelsOf, readImageHeader } from './image-header.js';
import { withPixels } from './pixel-budget.js';

/** A longer side is cut to so many times the shorter one. */
const LONGEST = 3;

/**
 * A small drawing of a picture, turned as its orientation says.
 *
 * @param pixels of the shorter side
 * @returns nothing where the picture has too many pixels, where the browser cannot decode it, and where its canvas does
 *   not show what is painted on it
 */
export async function drawThumbnail(file: File, pixels: number): Promise<HTMLCanvasElement | undefined> {
  const header = await readImageHeader(file);
  if (header === undefined || pixelsOf(header) > MOST_PIXELS || !(await isCanvasTrue())) return undefined;
  return withPixels(pixelsOf(header), async () => {
    const bitmap = await createImageBitmap(file).catch(() => undefined);
    if (bitmap === undefined) return undefined;
    try {
      return draw(bitmap, pixels);
    } finally {
      bitmap.close();
    }
  });
}

function draw(bitmap: ImageBitmap, pixels: number): HTMLCanvasElement | undefined {
  const shorter = Math.min(bitmap.width, bitmap.height);
  const scale = Math.min(1, pixels / shorter);
  const width = Math.min(bitmap.width, shorter * LONGEST);
  const height = Math.min(bitmap.height, shorter * LONGEST);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (context === null) return undefined;
  context.imageSmoothingQuality = 'medium';
  const [left, top] = [(bitmap.width - width) / 2, (bitmap.height - height) / 2];
  context.drawImage(bitmap, left, top, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}
