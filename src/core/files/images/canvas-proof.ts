/** Size of the test image: large and colourful enough that fingerprinting protection does not exempt it. */
const WIDTH = 128;
const HEIGHT = 64;
/** Size and colour of a painted corner. */
const CORNER = 8;
const PAINT = [18, 52, 86, 255] as const;

let proof: Promise<boolean> | undefined;

/**
 * Whether a canvas returns the pixels that were painted on it; tested once per page.
 *
 * Browsers that resist fingerprinting (Firefox's `privacy.resistFingerprinting`, Brave) and extensions that block it
 * alter the pixels: by a few bits, to white or to noise. They would destroy an image.
 */
export function isCanvasReliable(): Promise<boolean> {
  proof ??= prove().catch(() => false);
  return proof;
}

async function prove(): Promise<boolean> {
  const painted = new ImageData(noise(), WIDTH, HEIGHT);
  const canvas = await draw(painted);
  for (let y = 0; y < CORNER; y += 1) {
    for (let x = 0; x < CORNER; x += 1) painted.data.set(PAINT, (y * WIDTH + x) * 4);
  }
  if (!isSame(canvas, painted)) return false;
  // Also tests an encoded file, which is altered separately from pixel access.
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob?.type !== 'image/png') return false;
  return isSame(await draw(blob), painted);
}

async function draw(source: ImageData | Blob): Promise<HTMLCanvasElement> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const bitmap = await createImageBitmap(source);
  const context = canvas.getContext('2d');
  if (context === null || bitmap.width !== WIDTH || bitmap.height !== HEIGHT)
    throw new Error('The canvas is not available.');
  context.drawImage(bitmap, 0, 0, WIDTH, HEIGHT);
  bitmap.close();
  context.fillStyle = `rgb(${PAINT.slice(0, 3).join()})`;
  context.fillRect(0, 0, CORNER, CORNER);
  return canvas;
}

function isSame(canvas: HTMLCanvasElement, { data }: ImageData): boolean {
  const read = canvas.getContext('2d')?.getImageData(0, 0, WIDTH, HEIGHT).data;
  return read !== undefined && data.every((value, index) => value === read[index]);
}

/** Returns opaque pixels in deterministic colours that never repeat. */
function noise(): Uint8ClampedArray<ArrayBuffer> {
  const words = new Uint32Array(WIDTH * HEIGHT);
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8ClampedArray(words.buffer).map((value, index) => (index % 4 === 3 ? 255 : value));
}
