import { compressImage } from './compress-image.js';
import { drawThumbnail } from './draw-thumbnail.js';
import { MOST_PIXELS, pixelsOf, readImageHeader, type ImageHeader } from './image-header.js';
import {
  findImageRejectReason,
  type CompressSettings,
  type ImageRejectReason,
  type ImageRules,
  type ImageSize,
} from './image-rules.js';

/**
 * The rule about pixels that a picture breaks, or nothing.
 *
 * The header says the size. The picture is decoded only where the header does not say enough.
 */
export async function checkImage(file: File, rules: ImageRules): Promise<ImageRejectReason | undefined> {
  const header = await readImageHeader(file);
  if (header === undefined) return checkDecoded(file, rules);
  const reasons = shapesOf(header).map((size) => findImageRejectReason(size, rules));
  if (reasons.every((reason) => reason === undefined)) return undefined;
  return header.isTurned === undefined && pixelsOf(header) <= MOST_PIXELS ? checkDecoded(file, rules) : reasons[0];
}

/** The sizes in which a picture may be shown. */
function shapesOf({ width, height, isTurned }: ImageHeader): readonly ImageSize[] {
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
