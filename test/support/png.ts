/** Red, green and blue, 0 to 255. */
type Colour = readonly [number, number, number];

/** Encodes a PNG file without a canvas, because browsers may alter pixels that are read from a canvas. */
export async function encodePng(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => Colour,
  name = 'a.png',
): Promise<File> {
  const rows = new Uint8Array((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set(colourAt(x, y), (width * 3 + 1) * y + 1 + x * 3);
  }
  return pngFile(width, height, 8, 2, rows, name);
}

/** Creates a black PNG file with 1 bit per pixel. */
export function blackPng(width: number, height: number, name = 'a.png'): Promise<File> {
  return pngFile(width, height, 1, 0, new Uint8Array((Math.ceil(width / 8) + 1) * height), name);
}

/** Returns pseudorandom colors, the same each time: incompressible, and any alteration is visible. */
export function noise(seed = 1): () => Colour {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return [state & 255, (state >>> 8) & 255, (state >>> 16) & 255];
  };
}

/** Source: https://www.w3.org/TR/png-3/ */
async function pngFile(
  width: number,
  height: number,
  bitDepth: number,
  colourType: number,
  rows: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<File> {
  const compressed = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
  const data = new Uint8Array(await new Response(compressed).arrayBuffer());
  const header = [...uint32(width), ...uint32(height), bitDepth, colourType, 0, 0, 0];
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...pngChunk('IHDR', new Uint8Array(header)),
    ...pngChunk('IDAT', data),
    ...pngChunk('IEND', new Uint8Array()),
  ];
  // As a single blob part: Firefox detects the image type from the first part alone.
  const whole = await new Blob(parts).arrayBuffer();
  return new File([whole], name, { type: 'image/png', lastModified: 1_700_000_000_000 });
}

/** Returns the parts of a chunk: its length, its type with its data, and their CRC. */
export function pngChunk(type: string, data: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
  const typed = new Uint8Array(4 + data.length);
  typed.set(new TextEncoder().encode(type));
  typed.set(data, 4);
  return [new Uint8Array(uint32(data.length)), typed, new Uint8Array(uint32(crc32(typed)))];
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function uint32(value: number): readonly number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
