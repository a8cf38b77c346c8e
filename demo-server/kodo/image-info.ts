import { imageSize } from 'image-size';

/** What `$(imageInfo)` holds, as a type that templates can walk. */
export type ImageInfo = Readonly<{
  colorModel?: string;
  format: string;
  height: number;
  size: number;
  width: number;
}>;

/** Bytes of a file's head that are enough to find an image's size. */
export const IMAGE_HEAD = 512 * 1024;

const FORMATS: Readonly<Record<string, { readonly format: string; readonly colorModel?: string }>> = {
  png: { format: 'png', colorModel: 'nrgba' },
  jpg: { format: 'jpeg', colorModel: 'ycbcr' },
  gif: { format: 'gif', colorModel: 'palettedalpha' },
  webp: { format: 'webp' },
};

/** Width, height and format of a PNG, JPEG, GIF or WebP; nothing for anything else. */
export function imageInfoOf(head: Buffer, size: number): ImageInfo | undefined {
  try {
    const { width, height, type } = imageSize(head);
    const known = FORMATS[type ?? ''];
    return known === undefined ? undefined : { ...known, height, size, width };
  } catch {
    return undefined; // no image, or a damaged one: the variable is absent
  }
}
