import { isCanvasReliable } from './canvas-proof.js';
import { MOST_PIXELS, pixelsOf, readImageHeader } from './image-header.js';
import { withPixels } from './pixel-budget.js';

/** Maximum aspect ratio: a longer side is cropped. */
const MAX_RATIO = 3;

/**
 * Draws a thumbnail of an image, rotated according to its orientation.
 *
 * @param pixels length of the shorter side
 * @returns `undefined` if the image has too many pixels, if the browser cannot decode it, or if its canvas is not
 *   reliable
 */
export async function drawThumbnail(file: File, pixels: number): Promise<HTMLCanvasElement | undefined> {
  const header = await readImageHeader(file);
  if (header === undefined || pixelsOf(header) > MOST_PIXELS || !(await isCanvasReliable())) return undefined;
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
  const width = Math.min(bitmap.width, shorter * MAX_RATIO);
  const height = Math.min(bitmap.height, shorter * MAX_RATIO);
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
