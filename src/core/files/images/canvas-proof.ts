/** Pixels of the proof: so many, in so many colours, that nobody takes it for too small or too plain to be altered. */
const WIDTH = 128;
const HEIGHT = 64;
/** A corner that is painted, and its colour. */
const CORNER = 8;
const PAINT = [18, 52, 86, 255] as const;

let proof: Promise<boolean> | undefined;

/**
 * Whether what is painted on a canvas is what is read from it, proved once a page.
 *
 * Browsers that resist fingerprinting (Firefox's `privacy.resistFingerprinting`, Brave) and extensions that block it
 * alter what is read: by a few bits, to white or to noise. A picture that went through such a canvas is lost.
 */
export function isCanvasTrue(): Promise<boolean> {
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
  // The same as a file: it is written and read in another place than single pixels are.
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
  if (context === null || bitmap.width !== WIDTH || bitmap.height !== HEIGHT) throw new Error('There is no canvas.');
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

/** Opaque pixels of colours that repeat nowhere, and are the same each time. */
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
