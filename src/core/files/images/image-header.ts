import { imageDimensionsFromData } from 'image-dimensions';
import type { ImageSize } from '../../items/reject-reason.js';

/** The size and orientation in an image's header. */
export interface ImageHeader extends ImageSize {
  /** Whether the image is displayed rotated by 90°; `undefined` if browsers differ. */
  readonly isTurned: boolean | undefined;
}

/**
 * Maximum pixels of an image to decode: a decoded pixel takes 4 bytes, so the maximum takes 256 MiB.
 *
 * Phone cameras produce images of 12 to 64 megapixels.
 */
export const MOST_PIXELS = 64 * 1024 * 1024;

export function pixelsOf({ width, height }: ImageSize): number {
  return width * height;
}

/** Bytes to read in turn until they contain the size, which can follow camera data and colour profiles. */
const LENGTHS = [64 * 1024, 1024 * 1024, 16 * 1024 * 1024] as const;

/**
 * Reads the size of an image from its header, without decoding it: AVIF, BMP, GIF, HEIC, ICO, JPEG, PNG and WebP,
 * detected by content.
 *
 * @returns `undefined` if the file has another format, is damaged or cannot be read
 */
export async function readImageHeader(file: Blob): Promise<ImageHeader | undefined> {
  for (const length of LENGTHS) {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(await file.slice(0, length).arrayBuffer());
    } catch {
      return undefined;
    }
    const header = parseHeader(bytes);
    if (header !== undefined || length >= file.size || !hasLongHeader(bytes)) return header;
  }
  return undefined;
}

function parseHeader(bytes: Uint8Array<ArrayBuffer>): ImageHeader | undefined {
  const found = imageDimensionsFromData(bytes);
  if (found === undefined) return parseBmp(bytes) ?? parseIco(bytes);
  const { width, height, type } = found;
  switch (type) {
    case 'jpeg':
      return { width, height, isTurned: jpegOrientation(bytes) > 4 };
    case 'gif':
      return { ...gifSize(bytes, { width, height }), isTurned: false };
    case 'avif':
    case 'heic': {
      const rotation = indexOf(bytes, 'irot');
      return { width, height, isTurned: rotation !== -1 && ((bytes[rotation + 4] ?? 0) & 1) === 1 };
    }
    case 'png':
      // Chromium and Firefox apply the EXIF orientation of a PNG file, WebKit does not.
      return { width, height, isTurned: indexOf(bytes, 'eXIf') === -1 ? false : undefined };
    case 'webp':
      return { width, height, isTurned: asText(bytes, 12, 4) === 'VP8X' && (bytes[20] ?? 0) & 8 ? undefined : false };
  }
}

/** Whether the size can be far from the start of the file. */
function hasLongHeader(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xd8) || asText(bytes, 4, 4) === 'ftyp';
}

/**
 * Returns the size of a GIF: browsers enlarge its screen if the first frame is larger.
 *
 * Source: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
 */
function gifSize(bytes: Uint8Array, screen: ImageSize): ImageSize {
  const at = (offset: number): number => bytes[offset] ?? 0;
  const word = (offset: number): number => at(offset) | (at(offset + 1) << 8);
  const flags = at(10);
  let offset = 13 + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  while (at(offset) === 0x21) {
    offset += 2;
    while (at(offset) > 0) offset += at(offset) + 1;
    offset += 1;
  }
  if (at(offset) !== 0x2c) return screen;
  const width = Math.max(screen.width, word(offset + 1) + word(offset + 5));
  return { width, height: Math.max(screen.height, word(offset + 3) + word(offset + 7)) };
}

/** Source: https://learn.microsoft.com/windows/win32/gdi/bitmap-storage */
function parseBmp(bytes: Uint8Array<ArrayBuffer>): ImageHeader | undefined {
  if (asText(bytes, 0, 2) !== 'BM' || bytes.length < 26) return undefined;
  const view = new DataView(bytes.buffer);
  if (view.getUint32(14, true) === 12) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true), isTurned: false };
  }
  // A negative height means that rows are stored from top to bottom.
  return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)), isTurned: false };
}

/** Returns the largest image of an icon; a side of 256 pixels, the maximum, is encoded as 0. */
function parseIco(bytes: Uint8Array): ImageHeader | undefined {
  const count = bytes[4] ?? 0;
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 1 || bytes[3] !== 0 || count === 0) return undefined;
  const sides = Array.from({ length: count }, (_, index) => [
    bytes[6 + index * 16] || 256,
    bytes[7 + index * 16] || 256,
  ]);
  const [width = 0, height = 0] = sides.sort(([a = 0, b = 0], [c = 0, d = 0]) => c * d - a * b)[0] ?? [];
  return { width, height, isTurned: false };
}

/**
 * Returns a JPEG file's orientation, 1 to 8; from 5, the image is displayed rotated by 90°.
 *
 * Sources: https://www.w3.org/Graphics/JPEG/itu-t81.pdf (B.1.1.4, marker segments),
 * https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf (4.5.2 and 4.6.4, orientation in the first IFD)
 */
function jpegOrientation(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer);
  for (let offset = 2; offset + 4 <= bytes.length && view.getUint8(offset) === 0xff;) {
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1; // a fill byte
      continue;
    }
    const next = offset + 2 + view.getUint16(offset + 2);
    if (marker === 0xda) return 1;
    if (marker === 0xe1 && asText(bytes, offset + 4, 6) === 'Exif\0\0') {
      return tiffOrientation(
        new DataView(bytes.buffer, offset + 10, Math.max(0, Math.min(next, bytes.length) - offset - 10)),
      );
    }
    offset = next;
  }
  return 1;
}

function tiffOrientation(view: DataView): number {
  if (view.byteLength < 14) return 1;
  const isLittle = view.getUint16(0) === 0x4949;
  const first = view.getUint32(4, isLittle);
  if (first + 2 > view.byteLength) return 1;
  const count = view.getUint16(first, isLittle);
  for (let entry = first + 2; entry < first + 2 + count * 12 && entry + 12 <= view.byteLength; entry += 12) {
    if (view.getUint16(entry, isLittle) === 0x0112) return view.getUint16(entry + 8, isLittle);
  }
  return 1;
}

function asText(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}

/** Returns the offset of a name, or -1. */
function indexOf(bytes: Uint8Array, name: string): number {
  const codes = [...name].map((character) => character.charCodeAt(0));
  return bytes.findIndex((_, index) => codes.every((code, place) => bytes[index + place] === code));
}
