import type { ImageSize } from '../../items/reject-reason.js';

/** Number of compared areas per row and column, and the side of an area in pixels. */
const AREAS = 3;
const SIDE = 16;
/**
 * Allowed difference of an area's mean colour, out of 255: JPEG at the lowest quality stays within 12 for any image,
 * unlike an empty, white or black canvas.
 */
const TOLERANCE = 24;

/**
 * Whether two images of any size look alike, by the mean colours of nine areas.
 *
 * Beyond memory or pixel limits, browsers silently return an empty or partly painted canvas.
 */
export function looksLike(image: ImageBitmap, original: ImageBitmap): boolean {
  const [one, other] = [meansOf(image, image), meansOf(original, image)];
  return (
    one !== undefined && other !== undefined && one.every((mean, index) => differs(mean, other[index]) <= TOLERANCE)
  );
}

function differs(one: number, other = Infinity): number {
  return Math.abs(one - other);
}

/** Returns the mean colours of areas of an image drawn at this size, so that fine patterns are scaled alike. */
function meansOf(image: ImageBitmap, size: ImageSize): readonly number[] | undefined {
  const canvas = document.createElement('canvas');
  const width = Math.min(SIDE, size.width);
  const height = Math.min(SIDE, size.height);
  canvas.width = AREAS * width;
  canvas.height = AREAS * height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.imageSmoothingQuality = 'high';
  const [scaleX, scaleY] = [image.width / size.width, image.height / size.height];
  const means: number[] = [];
  for (let area = 0; area < AREAS * AREAS; area += 1) {
    const [column, line] = [area % AREAS, Math.floor(area / AREAS)];
    const x = Math.floor(((size.width - width) * column) / (AREAS - 1));
    const y = Math.floor(((size.height - height) * line) / (AREAS - 1));
    const [left, top] = [column * width, line * height];
    context.drawImage(image, x * scaleX, y * scaleY, width * scaleX, height * scaleY, left, top, width, height);
    means.push(...meanColour(context.getImageData(left, top, width, height).data));
  }
  return means;
}

function meanColour(data: Uint8ClampedArray): readonly number[] {
  const sums = [0, 0, 0, 0];
  data.forEach((value, index) => (sums[index % 4] = (sums[index % 4] ?? 0) + value));
  return sums.map((sum) => sum / (data.length / 4));
}
