import { compressImage } from './compress-image.js';
import { drawThumbnail } from './draw-thumbnail.js';
import { MOST_PIXELS, pixelsOf, readImageHeader, type ImageHeader } from './image-header.js';
import { findImageRejectReason, type CompressSettings, type ImageRules } from './image-rules.js';
import type { ImageRejectReason, ImageSize } from '../../items/reject-reason.js';

/**
 * Returns the reason for the first size rule that an image breaks, or `undefined`.
 *
 * Reads the size from the header and decodes the image only if the header is not conclusive.
 */
export async function checkImage(file: File, rules: ImageRules): Promise<ImageRejectReason | undefined> {
  const header = await readImageHeader(file);
  if (header === undefined) return checkDecoded(file, rules);
  const reasons = displaySizesOf(header).map((size) => findImageRejectReason(size, rules));
  if (reasons.every((reason) => reason === undefined)) return undefined;
  return header.isTurned === undefined && pixelsOf(header) <= MOST_PIXELS ? checkDecoded(file, rules) : reasons[0];
}

/** Returns the sizes in which browsers may display an image. */
function displaySizesOf({ width, height, isTurned }: ImageHeader): readonly ImageSize[] {
  const turned = { width: height, height: width };
  if (isTurned === undefined) return [{ width, height }, turned];
  return [isTurned ? turned : { width, height }];
}

async function checkDecoded(file: File, rules: ImageRules): Promise<ImageRejectReason | undefined> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return { code: 'image-unreadable' };
  }
  const { width, height } = bitmap;
  bitmap.close();
  return findImageRejectReason({ width, height }, rules);
}

export { compressImage, drawThumbnail, type CompressSettings };
