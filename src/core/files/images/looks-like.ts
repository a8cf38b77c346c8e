import type { ImageSize } from './image-rules.js';

/** Places that are compared, in lines and columns, and their pixels a side. */
const PLACES = 3;
const SIDE = 16;
/**
 * By how much a place's mean colour may differ, of 255: JPEG of the lowest quality stays within 12, whatever the
 * picture shows, and a canvas that is empty, white or black does not.
 */
const TOLERANCE = 24;

/**
 * Whether a picture shows what another one of any size shows, by the mean colours of nine places.
 *
 * Past a limit of memory or pixels browsers give an empty canvas, or one that was painted in part, without an error.
 */
export function looksLike(picture: ImageBitmap, original: ImageBitmap): boolean {
  const [one, other] = [meansOf(picture, picture), meansOf(original, picture)];
  return (
    one !== undefined && other !== undefined && one.every((mean, index) => differs(mean, other[index]) <= TOLERANCE)
  );
}

function differs(one: number, other = Infinity): number {
  return Math.abs(one - other);
}

/** The mean colours of places in a picture, drawn at this size: scaled in the same way, fine patterns stay the same. */
function meansOf(picture: ImageBitmap, size: ImageSize): readonly number[] | undefined {
  const canvas = document.createElement('canvas');
  const width = Math.min(SIDE, size.width);
  const height = Math.min(SIDE, size.height);
  canvas.width = PLACES * width;
  canvas.height = PLACES * height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  context.imageSmoothingQuality = 'high';
  const [scaleX, scaleY] = [picture.width / size.width, picture.height / size.height];
  const means: number[] = [];
  for (let place = 0; place < PLACES * PLACES; place += 1) {
    const [column, line] = [place % PLACES, Math.floor(place / PLACES)];
    const x = Math.floor(((size.width - width) * column) / (PLACES - 1));
    const y = Math.floor(((size.height - height) * line) / (PLACES - 1));
    const [left, top] = [column * width, line * height];
    context.drawImage(picture, x * scaleX, y * scaleY, width * scaleX, height * scaleY, left, top, width, height);
    means.push(...meanColour(context.getImageData(left, top, width, height).data));
  }
  return means;
}

function meanColour(data: Uint8ClampedArray): readonly number[] {
  const sums = [0, 0, 0, 0];
  data.forEach((value, index) => (sums[index % 4] = (sums[index % 4] ?? 0) + value));
  return sums.map((sum) => sum / (data.length / 4));
}
