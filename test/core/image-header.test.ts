import { readImageHeader, type ImageHeader } from '../../src/core/files/images/image-header.js';
import { blackPng, encodePng, pngChunk } from '../support/png.js';
import { describe, expect, it } from '../support/suite.js';

const text = (words: string): readonly number[] => [...words].map((character) => character.charCodeAt(0));
const big16 = (value: number): readonly number[] => [value >> 8, value & 255];
const big32 = (value: number): readonly number[] => [...big16(value >>> 16), ...big16(value & 0xffff)];
const little16 = (value: number): readonly number[] => [...big16(value)].reverse();
const little32 = (value: number): readonly number[] => [...big32(value)].reverse();
const little24 = (value: number): readonly number[] => little32(value).slice(0, 3);

function tiff(orientation: number, isLittle = false): readonly number[] {
  const [word, long] = isLittle ? [little16, little32] : [big16, big32];
  const field = [...word(0x0112), ...word(3), ...long(1), ...word(orientation), 0, 0];
  return [...text(isLittle ? 'II' : 'MM'), ...word(42), ...long(8), ...word(1), ...field, ...long(0)];
}

function segment(marker: number, data: readonly number[]): readonly number[] {
  return [0xff, marker, ...big16(data.length + 2), ...data];
}

/** A JPEG file's head: what comes before its first scan. */
function jpeg(width: number, height: number, before: readonly number[] = []): readonly number[] {
  const frame = segment(0xc2, [8, ...big16(height), ...big16(width), 1, 1, 0x11, 0]);
  return [0xff, 0xd8, ...before, ...segment(0xdb, new Array<number>(65).fill(1)), ...frame, 0xff, 0xda];
}

const exif = (orientation: number, isLittle?: boolean): readonly number[] =>
  segment(0xe1, [...text('Exif\0\0'), ...tiff(orientation, isLittle)]);

function gif(screen: readonly [number, number], frame: readonly [number, number, number, number]): readonly number[] {
  const extension = [0x21, 0xf9, 4, 0, 0, 0, 0, 0];
  const palette = [0, 0, 0, 255, 255, 255];
  return [
    ...text('GIF89a'),
    ...screen.flatMap(little16),
    ...[0x80, 0, 0],
    ...palette,
    ...extension,
    0x2c,
    ...frame.flatMap(little16),
  ];
}

function box(type: string, data: readonly number[]): readonly number[] {
  return [...big32(data.length + 8), ...text(type), ...data];
}

/** A HEIC or AVIF file's head: a thumbnail's size first, then the picture's, which may be turned. */
function heif(brand: string, width: number, height: number, rotation?: number): readonly number[] {
  const size = (w: number, h: number): readonly number[] => box('ispe', [0, 0, 0, 0, ...big32(w), ...big32(h)]);
  const properties = [
    ...size(160, 120),
    ...size(width, height),
    ...(rotation === undefined ? [] : box('irot', [rotation])),
  ];
  const associations = box('ipma', [
    0,
    0,
    0,
    0,
    ...big32(2),
    0,
    2,
    1,
    1,
    0,
    1,
    2,
    2,
    ...(rotation === undefined ? [0] : [3]),
  ]);
  const meta = [
    0,
    0,
    0,
    0,
    ...box('pitm', [0, 0, 0, 0, 0, 1]),
    ...box('iprp', [...box('ipco', properties), ...associations]),
  ];
  return [...box('ftyp', [...text(brand), 0, 0, 0, 0, ...text('mif1')]), ...box('meta', meta)];
}

function webp(chunk: string, data: readonly number[]): readonly number[] {
  const body = [...text(chunk), ...little32(data.length), ...data];
  return [...text('RIFF'), ...little32(body.length + 4), ...text('WEBP'), ...body];
}

const bmp = (width: number, height: number): readonly number[] => [
  ...text('BM'),
  ...new Array<number>(12).fill(0),
  ...little32(40),
  ...little32(width),
  ...little32(height >>> 0),
];

const lossless = (width: number, height: number): readonly number[] => [
  0x2f,
  ...little32((width - 1) | ((height - 1) << 14)),
];

describe('the header of a picture (F18)', () => {
  const cases: readonly [string, readonly number[], ImageHeader | undefined][] = [
    ['JPEG', jpeg(400, 300), { width: 400, height: 300, isTurned: false }],
    ['JPEG with EXIF data, upside down', jpeg(400, 300, exif(3)), { width: 400, height: 300, isTurned: false }],
    ['JPEG with EXIF data, turned', jpeg(400, 300, exif(6)), { width: 400, height: 300, isTurned: true }],
    ['JPEG with little-endian EXIF data', jpeg(400, 300, exif(8, true)), { width: 400, height: 300, isTurned: true }],
    [
      'JPEG with fill bytes and other data first',
      jpeg(400, 300, [
        0xff,
        0xff,
        ...segment(0xe0, text('JFIF\0')),
        ...segment(0xe1, text('http://ns.adobe.com/xap/1.0/')),
        ...exif(5),
      ]),
      { width: 400, height: 300, isTurned: true },
    ],
    [
      'JPEG with a thumbnail of its own in its EXIF data',
      jpeg(400, 300, segment(0xe1, [...text('Exif\0\0'), ...tiff(1), ...jpeg(160, 120)])),
      { width: 400, height: 300, isTurned: false },
    ],
    [
      'JPEG with two megabytes before its size',
      jpeg(400, 300, Array.from({ length: 33 }, () => segment(0xe2, new Array<number>(65_500).fill(7))).flat()),
      { width: 400, height: 300, isTurned: false },
    ],
    ['GIF', gif([30, 20], [0, 0, 30, 20]), { width: 30, height: 20, isTurned: false }],
    [
      'GIF whose frame is larger than its screen',
      gif([1, 1], [5, 6, 300, 200]),
      { width: 305, height: 206, isTurned: false },
    ],
    ['BMP', bmp(640, 480), { width: 640, height: 480, isTurned: false }],
    ['BMP from top to bottom', bmp(640, -480), { width: 640, height: 480, isTurned: false }],
    [
      'ICO',
      [0, 0, 1, 0, 2, 0, 16, 16, ...new Array<number>(14).fill(0), 0, 128],
      { width: 256, height: 128, isTurned: false },
    ],
    [
      'lossy WebP',
      webp('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, ...little16(550), ...little16(368)]),
      { width: 550, height: 368, isTurned: false },
    ],
    ['lossless WebP', webp('VP8L', lossless(386, 395)), { width: 386, height: 395, isTurned: false }],
    [
      'WebP with EXIF data',
      webp('VP8X', [8, 0, 0, 0, ...little24(399), ...little24(299)]),
      { width: 400, height: 300, isTurned: undefined },
    ],
    ['HEIC', heif('heic', 4032, 3024), { width: 4032, height: 3024, isTurned: false }],
    ['HEIC, turned', heif('heic', 4032, 3024, 3), { width: 4032, height: 3024, isTurned: true }],
    ['AVIF', heif('avif', 1204, 800, 2), { width: 1204, height: 800, isTurned: false }],
    ['text', text('no picture at all, only words'), undefined],
    ['nothing', [], undefined],
    ['JPEG that breaks off', jpeg(400, 300).slice(0, 40), undefined],
  ];
  for (const [what, bytes, expected] of cases) {
    it(`of ${what} says ${expected === undefined ? 'nothing' : `${expected.width} × ${expected.height}`}`, async () => {
      const header = await readImageHeader(new Blob([new Uint8Array(bytes)]));
      expect(header).to.deep.equal(expected);
    });
  }

  it('of PNG says how many pixels it has, and whether browsers may turn it', async () => {
    expect(await readImageHeader(await encodePng(5, 4, () => [1, 2, 3]))).to.deep.equal({
      width: 5,
      height: 4,
      isTurned: false,
    });
    const huge = await blackPng(20_000, 20_000);
    expect(huge.size).to.be.below(1_200_000);
    expect(await readImageHeader(huge)).to.deep.equal({ width: 20_000, height: 20_000, isTurned: false });
    const bytes = new Uint8Array(await huge.slice(0, 1000).arrayBuffer());
    const turned = new Blob([bytes.subarray(0, 33), ...pngChunk('eXIf', new Uint8Array(tiff(6))), bytes.subarray(33)]);
    expect(await readImageHeader(turned)).to.deep.equal({ width: 20_000, height: 20_000, isTurned: undefined });
  });

  it('never throws, whatever the bytes are', async () => {
    let state = 7;
    const random = (): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    const starts = cases.map(([, bytes]) => bytes.slice(0, 2000));
    for (let run = 0; run < 3000; run += 1) {
      const bytes = [...(starts[run % starts.length] ?? [])];
      for (let change = 0; change < 4; change += 1) bytes[random() % Math.max(1, bytes.length)] = random() & 255;
      await readImageHeader(new Blob([new Uint8Array(bytes.slice(0, 1 + (random() % (bytes.length + 1))))]));
    }
  });
});
