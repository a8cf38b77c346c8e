/** Width and height in pixels, as the picture is seen: turned as its orientation says. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** How pictures are made smaller before they are uploaded. */
export interface CompressSettings {
  /** Greatest width in pixels. Default: as it is. */
  readonly maxWidth?: number | undefined;
  /** Greatest height in pixels. Default: as it is. */
  readonly maxHeight?: number | undefined;
  /** Of JPEG and WebP, 0 to 1. Default 0.8. */
  readonly quality?: number | undefined;
}

/** What the pixels of a picture must be; other files are not touched by it, nor is SVG, which has none. */
export interface ImageRules {
  readonly minImageSize?: Partial<ImageSize> | undefined;
  readonly maxImageSize?: Partial<ImageSize> | undefined;
}

/** Why a picture is not accepted. */
export type ImageRejectReason =
  /** It is smaller than `min-image-size`. */
  | ({ readonly code: 'image-too-small'; readonly min: Partial<ImageSize> } & ImageSize)
  /** It is larger than `max-image-size`. */
  | ({ readonly code: 'image-too-large'; readonly max: Partial<ImageSize> } & ImageSize)
  /** Its pixels cannot be counted: it is damaged, or of a kind that this browser does not know. */
  | { readonly code: 'image-unreadable' };

/** Whether a file says that it is a picture made of pixels. */
export function isPixelImage(type: string): boolean {
  return type.startsWith('image/') && type !== 'image/svg+xml';
}

/** The first rule that a picture of this size breaks, or nothing. */
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

/** The largest size within these limits that has the same shape; never larger than it is. */
export function fitInto({ width, height }: ImageSize, { maxWidth = Infinity, maxHeight = Infinity }: CompressSettings) {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
