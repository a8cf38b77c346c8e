import { compressImage } from './compress-image.js';
import {
  findImageRejectReason,
  type CompressSettings,
  type ImageRejectReason,
  type ImageRules,
} from './image-rules.js';

/** The rule about pixels that a picture breaks, or nothing. */
export async function checkImage(file: File, rules: ImageRules): Promise<ImageRejectReason | undefined> {
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

export { compressImage, type CompressSettings };
