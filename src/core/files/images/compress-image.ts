import { isCanvasReliable } from './canvas-proof.js';
import { MOST_PIXELS, pixelsOf, readImageHeader } from './image-header.js';
import { fitInto, type CompressSettings } from './image-rules.js';
import { looksLike } from './looks-like.js';
import { withPixels } from './pixel-budget.js';

/** Formats that a canvas can encode. */
const ENCODABLE = /^image\/(jpeg|png|webp)$/;

const DEFAULT_QUALITY = 0.8;

/**
 * Compresses an image: reduces its pixels or bytes. Keeps name, type, date and orientation; drops location and camera
 * data.
 *
 * Returns the original file if the result is not smaller or does not look like it, if the file cannot be read or has
 * too many pixels to decode, or if something would be lost (GIF, SVG, animated WebP and PNG, formats that the browser
 * cannot encode).
 *
 * @throws the signal's reason if it is aborted meanwhile
 */
export async function compressImage(file: File, settings: CompressSettings, signal?: AbortSignal): Promise<File> {
  if (!ENCODABLE.test(file.type)) return file;
  const header = await readImageHeader(file);
  if (header === undefined || pixelsOf(header) > MOST_PIXELS || (await isAnimated(file))) return file;
  if (!(await isCanvasReliable())) return file;
  // The image, the canvas, and the result that is compared with the image.
  const pixels = pixelsOf(header) + 2 * pixelsOf(fitInto(header, settings));
  const blob = await withPixels(pixels, async () => {
    signal?.throwIfAborted();
    return redraw(file, settings);
  });
  return blob === undefined ? file : new File([blob], file.name, { type: file.type, lastModified: file.lastModified });
}

/** @returns `undefined` unless the result is a smaller file of the same type that looks the same */
async function redraw(file: File, settings: CompressSettings): Promise<Blob | undefined> {
  const bitmap = await decode(file); // rotated according to its orientation
  if (bitmap === undefined) return undefined;
  try {
    const size = fitInto(bitmap, settings);
    const blob = await draw(bitmap, size, file.type, settings.quality ?? DEFAULT_QUALITY);
    if (blob?.type !== file.type || blob.size >= file.size) return undefined;
    const result = await decode(blob);
    if (result === undefined) return undefined;
    const isValid = result.width === size.width && result.height === size.height && looksLike(result, bitmap);
    result.close();
    return isValid ? blob : undefined;
  } finally {
    bitmap.close();
  }
}

function decode(picture: Blob): Promise<ImageBitmap | undefined> {
  return createImageBitmap(picture).catch(() => undefined);
}

/** @returns `null` if the browser has no canvas of that size */
async function draw(
  bitmap: ImageBitmap,
  { width, height }: { readonly width: number; readonly height: number },
  type: string,
  quality: number,
): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  try {
    return await new Promise((resolve) => canvas.toBlob(resolve, type, quality));
  } finally {
    canvas.width = 0; // frees the memory immediately
  }
}

/** Bytes from the start of a file that contain the animation flag. */
const HEAD = 64 * 1024;

/**
 * Whether a WebP or PNG file is animated: a canvas would keep only one frame.
 *
 * Sources: https://developers.google.com/speed/webp/docs/riff_container (`VP8X`, bit 1 of the flags),
 * https://www.w3.org/TR/png-3/#acTL-chunk (before the first `IDAT`).
 */
export async function isAnimated(file: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const name = (offset: number): string => String.fromCharCode(...bytes.subarray(offset, offset + 4));
  if (name(0) === 'RIFF' && name(8) === 'WEBP') return name(12) === 'VP8X' && ((bytes[20] ?? 0) & 0b10) !== 0;
  if (name(1).startsWith('PNG')) {
    const view = new DataView(bytes.buffer);
    for (let offset = 8; offset + 8 <= bytes.length; offset += 12 + view.getUint32(offset)) {
      if (name(offset + 4) === 'acTL') return true;
      if (name(offset + 4) === 'IDAT') return false;
    }
  }
  return false;
}
