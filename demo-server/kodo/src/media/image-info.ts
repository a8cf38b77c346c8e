import { imageSize } from 'image-size';
import { readPicture, type Content } from './content.js';
import { findSharp } from './sharp.js';

/** The value of `$(imageInfo)`, in Kodo's field order, as a type that templates can traverse. */
export type ImageInfo = Readonly<{
  colorModel?: string;
  format: string;
  /** GIF only. */
  frameNumber?: number;
  height: number;
  /** Position of the image's first row and column, in GraphicsMagick's notation; only if EXIF contains it. */
  orientation?: string;
  size: number;
  width: number;
}>;

const FORMATS: Readonly<Record<string, { readonly format: string; readonly colorModel?: string }>> = {
  png: { format: 'png', colorModel: 'nrgba' },
  jpg: { format: 'jpeg', colorModel: 'ycbcr' },
  gif: { format: 'gif', colorModel: 'palettedalpha' },
  webp: { format: 'webp' },
};

/** By EXIF orientation number, which starts at 1. */
const ORIENTATIONS: readonly string[] = [
  'Top-left',
  'Top-right',
  'Bottom-right',
  'Bottom-left',
  'Left-top',
  'Right-top',
  'Right-bottom',
  'Left-bottom',
];

interface Measured {
  readonly format: string;
  readonly colorModel?: string;
  readonly width: number;
  readonly height: number;
  readonly orientation: string | undefined;
}

/** Size, format and other data of a PNG, JPEG, GIF or WebP; `undefined` for anything else. */
export async function imageInfoOf(content: Content, onWarning: (text: string) => void): Promise<ImageInfo | undefined> {
  const picture = measure(content.head);
  if (picture === undefined) return undefined;
  const { format, colorModel, height, width, orientation } = picture;
  const frameNumber = format === 'gif' ? await countFrames(content, onWarning) : undefined;
  return {
    ...(colorModel === undefined ? {} : { colorModel }),
    format,
    ...(frameNumber === undefined ? {} : { frameNumber }),
    height,
    ...(orientation === undefined ? {} : { orientation }),
    size: content.size,
    width,
  };
}

/** Whether these are the first bytes of an image format that the local Kodo supports. */
export function isPicture(head: Buffer): boolean {
  return measure(head) !== undefined;
}

/** Whether these are the first bytes of any image format. */
export function isImage(head: Buffer): boolean {
  try {
    imageSize(head);
    return true;
  } catch {
    return false;
  }
}

function measure(head: Buffer): Measured | undefined {
  try {
    const { width, height, type, orientation = 0 } = imageSize(head);
    const known = FORMATS[type ?? ''];
    return known === undefined ? undefined : { ...known, width, height, orientation: ORIENTATIONS[orientation - 1] };
  } catch {
    return undefined; // not an image, or a damaged one
  }
}

async function countFrames(content: Content, onWarning: (text: string) => void): Promise<number | undefined> {
  const open = await findSharp('imageInfo has no frameNumber', onWarning);
  const data = open === undefined ? undefined : await readPicture(content);
  if (open === undefined || data === undefined) return undefined;
  try {
    return (await open(data).metadata()).pages ?? 1;
  } catch {
    return undefined; // a damaged image
  }
}
