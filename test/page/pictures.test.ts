import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { createDeflate } from 'node:zlib';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { encodePng, noise, pngChunk } from '../support/png.js';

let demo: Demo;
let browser: Browser;

before(async () => {
  demo = await startDemo({ kodo: { control: true } });
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await demo.close();
});

interface Chosen {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** The demo server's page with one element of the test's own, after this script. */
async function openPage(compress: string, patch?: () => void): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => assert.fail(error));
  // What the compiler of the tests puts around functions.
  await page.addInitScript('globalThis.__name = (named) => named;');
  if (patch !== undefined) await page.addInitScript(patch);
  await page.goto(`${demo.origin}/?lang=en`);
  await page.evaluate((settings) => {
    const element = document.createElement('qiniu-uploader');
    element.id = 'own';
    element.setAttribute('token-endpoint', '/api/uploads/token');
    element.setAttribute('multiple', '');
    element.setAttribute('compress', settings);
    document.body.prepend(element);
  }, compress);
  return page;
}

/** Uploads a file. @returns what Kodo has stored of it */
async function store(page: Page, file: Chosen): Promise<{ readonly sha256: string; readonly fsize: number }> {
  const stored = page.evaluate(
    () =>
      new Promise<string>((resolve, reject) => {
        setTimeout(() => reject(new Error('The file was not stored in 60 s.')), 60_000);
        document.querySelector('#own')?.addEventListener('upload-success', (event) => {
          resolve(String((event as CustomEvent<{ key: string }>).detail.key));
        });
      }),
  );
  // It may fail while the file is still being chosen.
  stored.catch(() => undefined);
  await page.locator('#own input[type=file]').setInputFiles([file]);
  const key = await stored;
  const answer = await fetch(`${demo.kodo?.origin}/_kodo/objects?bucket=demo`);
  const objects = (await answer.json()) as readonly { key: string; sha256: string; fsize: number }[];
  const object = objects.find((one) => one.key === key);
  assert.ok(object);
  return object;
}

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

async function noisyPng(name = 'noise.png'): Promise<Chosen> {
  const file = await encodePng(300, 200, noise(), name);
  return { name, mimeType: 'image/png', buffer: Buffer.from(await file.arrayBuffer()) };
}

describe('a canvas that does not give what was painted on it (F2)', () => {
  /** Extensions and browsers against fingerprinting, each in its own way. */
  const liars: Readonly<Record<string, () => void>> = {
    'is white when it is read': () => {
      const { getImageData } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.getImageData = function (...where) {
        const data = getImageData.apply(this, where);
        data.data.fill(255);
        return data;
      };
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (...how) {
        const copy = document.createElement('canvas');
        copy.width = this.width;
        copy.height = this.height;
        const context = copy.getContext('2d');
        if (context === null) return;
        context.fillStyle = '#fff';
        context.fillRect(0, 0, copy.width, copy.height);
        toBlob.apply(copy, how);
      };
    },
    'has low bits altered when it is read, as in Brave': () => {
      const { getImageData } = CanvasRenderingContext2D.prototype;
      const alter = (data: ImageData): ImageData => {
        for (let change = 0; change < 60; change += 1) {
          const index = (change * 7919) % data.data.length;
          if (index % 4 !== 3) data.data[index] = (data.data[index] ?? 0) ^ 1;
        }
        return data;
      };
      CanvasRenderingContext2D.prototype.getImageData = function (...where) {
        return alter(getImageData.apply(this, where));
      };
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (...how) {
        const copy = document.createElement('canvas');
        copy.width = this.width;
        copy.height = this.height;
        const [from, to] = [this.getContext('2d'), copy.getContext('2d')];
        if (from === null || to === null) return;
        to.putImageData(alter(getImageData.call(from, 0, 0, copy.width, copy.height)), 0, 0);
        toBlob.apply(copy, how);
      };
    },
    'is altered only in files': () => {
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (...how) {
        const copy = document.createElement('canvas');
        copy.width = this.width;
        copy.height = this.height;
        const context = copy.getContext('2d');
        context?.drawImage(this, 0, 0);
        context?.fillRect(copy.width - 1, copy.height - 1, 1, 1);
        toBlob.apply(copy, how);
      };
    },
    'is altered only in its pixels': () => {
      const { getImageData } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.getImageData = function (...where) {
        const data = getImageData.apply(this, where);
        data.data[1] = (data.data[1] ?? 0) ^ 1;
        return data;
      };
    },
    'may not be read': () => {
      CanvasRenderingContext2D.prototype.getImageData = () => {
        throw new DOMException('Blocked.', 'SecurityError');
      };
      HTMLCanvasElement.prototype.toBlob = () => {
        throw new DOMException('Blocked.', 'SecurityError');
      };
    },
    'is not there': () => {
      HTMLCanvasElement.prototype.getContext = () => null;
    },
    'gives no file': () => {
      HTMLCanvasElement.prototype.toBlob = (callback) => callback(null);
    },
  };
  for (const [what, patch] of Object.entries(liars)) {
    test(`a canvas that ${what}: the original is stored, and no picture is shown`, async () => {
      const page = await openPage('100x100', patch);
      const file = await noisyPng();
      assert.equal((await store(page, file)).sha256, sha256(file.buffer));
      assert.equal(await page.locator('#own li .picture canvas').count(), 0);
      assert.equal(await page.locator('#own li .picture svg').count(), 1);
      await page.close();
    });
  }

  test('a canvas that tells the truth: the smaller picture is stored, and a picture is shown', async () => {
    const page = await openPage('100x100');
    const file = await noisyPng();
    const { sha256: stored, fsize } = await store(page, file);
    assert.notEqual(stored, sha256(file.buffer));
    assert.ok(fsize < file.buffer.length / 4);
    await page.locator('#own li .picture canvas').waitFor();
    await page.close();
  });
});

describe('a result that is not what was asked for (F2)', () => {
  let jpeg: Chosen;
  before(async () => {
    const page = await browser.newPage();
    const data = await page.evaluate(async () => {
      const canvas = document.createElement('canvas');
      canvas.width = 400;
      canvas.height = 300;
      const context = canvas.getContext('2d');
      for (let x = 0; x < 400; x += 2) {
        for (let y = 0; y < 300; y += 2) {
          if (context !== null) context.fillStyle = `rgb(${(x * y) % 256},${(x * 7) % 256},${(y * 13) % 256})`;
          context?.fillRect(x, y, 2, 2);
        }
      }
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 1));
      return [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())];
    });
    jpeg = { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(data) };
    await page.close();
  });

  const faults: Readonly<Record<string, () => void>> = {
    'of another type': () => {
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (callback) {
        toBlob.call(this, callback, 'image/png');
      };
    },
    'larger than the original': () => {
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (callback, type, quality) {
        const enlarge = (blob: Blob | null): void =>
          callback(blob && new Blob([blob, new Uint8Array(500_000)], { type: blob.type }));
        toBlob.call(this, type === 'image/png' ? callback : enlarge, type, quality);
      };
    },
    'with other pixels': () => {
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (callback, type, quality) {
        const small = document.createElement('canvas');
        small.width = this.width / 2;
        small.height = this.height / 2;
        small.getContext('2d')?.drawImage(this, 0, 0, small.width, small.height);
        toBlob.call(type === 'image/png' ? this : small, callback, type, quality);
      };
    },
    'that is not a picture': () => {
      const { toBlob } = HTMLCanvasElement.prototype;
      HTMLCanvasElement.prototype.toBlob = function (callback, type, quality) {
        if (type === 'image/png') toBlob.call(this, callback, type, quality);
        else callback(new Blob(['data:,'], { type: 'image/jpeg' }));
      };
    },
    'that is empty, as past the largest canvas of Safari': () => {
      const { drawImage } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.drawImage = function (...what: unknown[]) {
        if (this.canvas.width * this.canvas.height < 10_000) Reflect.apply(drawImage, this, what);
      };
    },
    'that is painted in part': () => {
      const { drawImage } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.drawImage = function (...what: unknown[]) {
        Reflect.apply(drawImage, this, what);
        const { width, height } = this.canvas;
        if (width * height > 10_000) this.clearRect(0, height * 0.7, width, height);
      };
    },
  };
  for (const [what, patch] of Object.entries(faults)) {
    test(`a result ${what}: the original is stored`, async () => {
      const page = await openPage('200x200 0.8', patch);
      assert.equal((await store(page, jpeg)).sha256, sha256(jpeg.buffer));
      // The canvas itself is true.
      await page.locator('#own li .picture canvas').waitFor();
      await page.close();
    });
  }

  test('a right result is stored', async () => {
    const page = await openPage('200x200 0.8');
    assert.ok((await store(page, jpeg)).fsize < jpeg.buffer.length / 2);
    await page.close();
  });
});

describe('a picture of too many pixels (F18)', { skip: process.platform !== 'linux' }, () => {
  /** Mebibytes that the browser's processes take. */
  function memory(): number {
    const parents = new Map<number, number>();
    const sizes = new Map<number, number>();
    for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
        // What is shared counts once for each process: the difference is what matters here.
        sizes.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        continue; // it has ended
      }
    }
    const isOurs = (pid: number | undefined): boolean =>
      pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)));
    return [...sizes].reduce((sum, [pid, size]) => (pid !== process.pid && isOurs(pid) ? sum + size : sum), 0);
  }

  test('is uploaded as it is, and never decoded', async () => {
    const huge = { name: 'huge.png', mimeType: 'image/png', buffer: await hugePng() };
    assert.ok(huge.buffer.length < 1_300_000);
    const page = await openPage('1920x1920 0.8');
    await store(page, await noisyPng('first.png'));
    const before = memory();
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, memory())), 20);
    try {
      assert.equal((await store(page, huge)).sha256, sha256(huge.buffer));
      // Thumbnails are drawn one after the other: this one comes after the huge one's turn.
      await store(page, await noisyPng('last.png'));
      await page.locator('#own li', { hasText: 'last.png' }).locator('canvas').waitFor();
    } finally {
      clearInterval(timer);
    }
    assert.equal(await page.locator('#own li', { hasText: 'huge.png' }).locator('canvas').count(), 0);
    console.log(`Memory: ${Math.round(before)} MiB before, ${Math.round(peak)} MiB at most.`);
    assert.ok(peak - before < 300, `${Math.round(peak - before)} MiB more`);
    await page.close();
  });

  test('is judged by the rules about pixels without being decoded', async () => {
    const page = await openPage('off');
    await page.locator('#own').evaluate((element) => element.setAttribute('max-image-size', '4000x4000'));
    const before = memory();
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, memory())), 20);
    try {
      await page
        .locator('#own input[type=file]')
        .setInputFiles([{ name: 'huge.png', mimeType: 'image/png', buffer: await hugePng() }]);
      await page.locator('#own').getByText('Larger than 4000 × 4000 pixels').waitFor();
    } finally {
      clearInterval(timer);
    }
    assert.ok(peak - before < 300, `${Math.round(peak - before)} MiB more`);
    await page.close();
  });
});

let made: Promise<Buffer> | undefined;

/** 20,000 × 20,000 black pixels of three bytes, in about 1.2 MB. */
function hugePng(): Promise<Buffer> {
  made ??= makeHugePng(20_000);
  return made;
}

async function makeHugePng(side: number): Promise<Buffer> {
  const rows = Buffer.alloc(100 * (side * 3 + 1));
  const raw = Readable.from(
    (function* () {
      for (let row = 0; row < side; row += 100) yield rows;
    })(),
  );
  const data = await buffer(raw.pipe(createDeflate()));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8);
  const chunks = [pngChunk('IHDR', header), pngChunk('IDAT', data), pngChunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks.flat()]);
}
