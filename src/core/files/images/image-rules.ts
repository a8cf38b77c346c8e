import type { ImageRejectReason, ImageSize } from '../../items/reject-reason.js';

/** How to compress images before their upload. */
export interface CompressSettings {
  /** Maximum width in pixels. Default: no limit. */
  readonly maxWidth?: number | undefined;
  /** Maximum height in pixels. Default: no limit. */
  readonly maxHeight?: number | undefined;
  /** Quality of JPEG and WebP, 0 to 1. Default 0.8. */
  readonly quality?: number | undefined;
}

/** Size limits of images, in pixels. Do not apply to other files or to SVG. Default: no limit. */
export interface ImageRules {
  readonly minImageSize?: Partial<ImageSize> | undefined;
  readonly maxImageSize?: Partial<ImageSize> | undefined;
}

/** Whether a media type is a raster image. */
export function isPixelImage(type: string): boolean {
  return type.startsWith('image/') && type !== 'image/svg+xml';
}

/** Returns the reason for the first rule that an image of this size breaks, or `undefined`. */
export function findImageRejectReason(size: ImageSize, rules: ImageRules): ImageRejectReason | undefined {
  const { minImageSize: min = {}, maxImageSize: max = {} } = rules;
  if (size.width < (min.width ?? 0) || size.height < (min.height ?? 0)) {
    return { code: 'image-too-small', min, ...size };
  }
  if (size.width > (max.width ?? Infinity) || size.height > (max.height ?? Infinity)) {
    return { code: 'image-too-large', max, ...size };
  }
  return undefined;
}

/** Returns the largest size within the limits with the same aspect ratio; never enlarges. */
export function fitInto({ width, height }: ImageSize, { maxWidth = Infinity, maxHeight = Infinity }: CompressSettings) {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
