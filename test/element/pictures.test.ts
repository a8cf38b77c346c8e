import { fixture, html } from '@open-wc/testing';
import { expect } from 'chai';
import type { CompressSettings } from '../../src/core.js';
import { compressImage } from '../../src/core/files/images/compress-image.js';
import { look, makePicture, makeTurnedPicture } from '../support/pictures.js';
import { blackPng, pngChunk } from '../support/png.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

/** As the queue is told of a file that may go: its file, or why it may not. */
async function judge(attributes: Readonly<Record<string, string>>, file: File): Promise<File | string> {
  const element = await fixture<HTMLElementTagNameMap['qiniu-uploader']>(
    html`<qiniu-uploader lang="en"></qiniu-uploader>`,
  );
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  const asked = new Promise<File>((resolve) => {
    element.tokenProvider = (_request, { signal }) => {
      resolve(element.items[0]?.file as File);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
  });
  const rejected = new Promise<string>((resolve) => {
    element.addEventListener('file-reject', () => {
      void element.updateComplete.then(() => resolve(element.shadowRoot?.querySelector('.status')?.textContent ?? ''));
    });
  });
  await element.add([file]);
  return Promise.race([asked, rejected]);
}

describe('rules about pixels', () => {
  const cases: readonly [string, string, string | undefined][] = [
    ['min-image-size', '300x200', undefined],
    ['min-image-size', '301x', 'Smaller than 301 × – pixels. Choose a larger image'],
    ['min-image-size', 'x201', 'Smaller than – × 201 pixels. Choose a larger image'],
    ['max-image-size', '300×200', undefined],
    ['max-image-size', '299x200', 'Larger than 299 × 200 pixels. Choose a smaller image'],
    ['max-image-size', 'large', undefined],
  ];
  for (const [name, value, expected] of cases) {
    it(`${name}="${value}" ${expected === undefined ? 'takes' : 'refuses'} 300 × 200`, async () => {
      const picture = await makePicture(300, 200);
      expect(await judge({ [name]: value }, picture)).to.equal(expected ?? picture);
    });
  }

  it('count a picture as it is seen, not as it is stored', async () => {
    const turned = await makeTurnedPicture(300, 200);
    expect(await judge({ 'min-image-size': '200x300' }, turned)).to.equal(turned);
    expect(await judge({ 'min-image-size': '300x200' }, turned)).to.contain('Smaller than 300 × 200');
  });

  it('refuse what says it is a picture and is none, and leave other files alone', async () => {
    const broken = new File(['no picture'], 'a.png', { type: 'image/png' });
    expect(await judge({ 'min-image-size': '1x1' }, broken)).to.equal('This image cannot be read. Choose another file');
    const text = new File(['text'], 'a.txt', { type: 'text/plain' });
    expect(await judge({ 'min-image-size': '9x9' }, text)).to.equal(text);
    const drawing = new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'a.svg', { type: 'image/svg+xml' });
    expect(await judge({ 'min-image-size': '9x9' }, drawing)).to.equal(drawing);
  });
});

describe('compress', () => {
  it('makes a picture smaller before it is uploaded, and keeps its name, type and date', async () => {
    const picture = await makePicture(800, 400, 'image/jpeg', 'photo.jpg');
    const sent = (await judge({ compress: '400x400 0.7' }, picture)) as File;
    expect(sent.size).to.be.below(picture.size);
    const { name, type, lastModified } = sent;
    expect({ name, type, lastModified }).to.deep.equal({
      name: 'photo.jpg',
      type: 'image/jpeg',
      lastModified: picture.lastModified,
    });
    expect(await look(sent)).to.deep.equal({ width: 400, height: 200, corners: 'rbrb' });
  });

  it('keeps upright what its orientation turns', async () => {
    const turned = await makeTurnedPicture(800, 400);
    expect((await look(turned)).corners, 'as it is seen').to.equal('rrbb');
    expect(await look(await compressImage(turned, { maxHeight: 400 }))).to.deep.equal({
      width: 200,
      height: 400,
      corners: 'rrbb',
    });
  });

  it('never makes a picture larger, in pixels or in bytes', async () => {
    const picture = await makePicture(40, 20);
    expect(await compressImage(picture, { maxWidth: 1000 })).to.equal(picture);
  });

  const animatedWebp = [...new TextEncoder().encode('RIFF____WEBPVP8X____'), ...[0b10, 0, 0, 0, 0, 0, 0, 0, 0, 0]];
  const animatedPng = [
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 1],
    ...new TextEncoder().encode('IHDR_crc_'),
    ...[0, 0, 0, 0],
    ...new TextEncoder().encode('acTL'),
  ];
  const cases: readonly [string, string, readonly number[]][] = [
    ['GIF', 'image/gif', []],
    ['SVG', 'image/svg+xml', []],
    ['moving WebP', 'image/webp', animatedWebp],
    ['moving PNG', 'image/png', animatedPng],
    ['what is no picture', 'image/jpeg', [1, 2, 3]],
    ['HEIC', 'image/heic', []],
  ];
  for (const [what, type, bytes] of cases) {
    it(`leaves ${what} as it is`, async () => {
      const file = new File([new Uint8Array(bytes)], 'a', { type });
      expect(await compressImage(file, { maxWidth: 1 })).to.equal(file);
    });
  }

  it('is set by attribute or as settings; what it cannot read is left out', async () => {
    const picture = await makePicture(300, 300, 'image/jpeg', 'a.jpg');
    expect(await look((await judge({ compress: '30x' }, picture)) as File)).to.contain({ width: 30, height: 30 });
    expect(await look((await judge({ compress: '0.1' }, picture)) as File)).to.contain({ width: 300 });
    expect(await judge({ compress: 'strongly' }, picture)).to.equal(picture);
    const settings: CompressSettings = { maxWidth: 10 };
    const uploader = await Uploader.open({ compress: settings });
    await uploader.element.add([picture]);
    const { job } = await uploader.transport.nextUpload();
    expect(await look(job.file.file)).to.contain({ width: 10 });
    expect(uploader.element.items[0]?.size).to.equal(job.file.size);
  });
});

describe('thumbnails', () => {
  it('are small drawings, upright, and made when their row is seen', async () => {
    const uploader = await Uploader.open({ manual: true });
    await uploader.element.add([await makeTurnedPicture(2400, 1200)]);
    await waitUntil(() => uploader.all('canvas').length === 1);
    const canvas = uploader.find<HTMLCanvasElement>('canvas');
    expect([canvas.width, canvas.height]).to.deep.equal([264, 528]);
    const { data } = canvas.getContext('2d')?.getImageData(100, 10, 1, 1) ?? { data: [] };
    expect(data[0]).to.be.above(200);
  });

  it('stay the sign of a file where there is no picture, it is broken, or rows are text', async () => {
    const uploader = await Uploader.open({ manual: true });
    await uploader.element.add([
      new File(['x'], 'a.txt', { type: 'text/plain' }),
      new File(['x'], 'broken.png', { type: 'image/png' }),
      await makePicture(30, 20),
    ]);
    await waitUntil(() => uploader.all('canvas').length === 1);
    expect(uploader.all('.picture').map((picture) => picture.firstElementChild?.localName)).to.deep.equal([
      'svg',
      'svg',
      'canvas',
    ]);
    uploader.element.listType = 'text';
    await uploader.settled();
    expect(uploader.all('canvas')).to.have.length(0);
  });

  it('of a thousand pictures, only those that are seen are drawn', async () => {
    const uploader = await Uploader.open({ manual: true });
    const picture = await makePicture(30, 20);
    await uploader.element.add(
      Array.from({ length: 1000 }, (_, index) => new File([picture], `${index}.png`, { type: 'image/png' })),
    );
    await waitUntil(() => uploader.all('canvas').length > 10);
    expect(uploader.all('canvas').length).to.be.below(60);
  });

  it('of stored files come small from the bucket; then as they are; then there is none', async () => {
    const uploader = await Uploader.open();
    const domain = `${location.origin}/pictures`;
    uploader.element.domain = domain;
    uploader.element.items = [
      { name: 'a.png', key: 'a.png', url: `${domain}/a.png` },
      { name: 'b.png', key: 'b.png', url: '/elsewhere/b.png?sign=1' },
      { name: 'c.txt', key: 'c.txt', url: `${domain}/c.txt` },
    ];
    const seen = new Set<string | null>();
    const note = (): void => {
      for (const image of uploader.all('img')) seen.add(image.getAttribute('src'));
    };
    const observer = new MutationObserver(note);
    observer.observe(uploader.element.shadowRoot as ShadowRoot, { subtree: true, childList: true, attributes: true });
    await uploader.settled();
    note();
    await waitUntil(() => seen.size > 0 && uploader.all('img').length === 0);
    observer.disconnect();
    expect([...seen].sort()).to.deep.equal([
      '/elsewhere/b.png?sign=1',
      `${domain}/a.png`,
      `${domain}/a.png?imageView2/1/w/264/h/264`,
    ]);
  });
});

describe('a picture of 400 million pixels (F18)', () => {
  it('has no thumbnail, is not compressed, and is judged by its header', async () => {
    const huge = await blackPng(20_000, 20_000, 'huge.png');
    const uploader = await Uploader.open({ compress: { maxWidth: 100 } });
    await uploader.element.add([huge, await makePicture(30, 20, 'image/png', 'small.png')]);
    const { job } = await uploader.transport.nextUpload();
    expect(job.file.file === huge).to.equal(true);
    await waitUntil(() => uploader.all('canvas').length === 1);
    expect(uploader.all('.picture').map((picture) => picture.firstElementChild?.localName)).to.deep.equal([
      'svg',
      'canvas',
    ]);
    expect(await judge({ 'max-image-size': '4000x4000' }, huge)).to.contain('Larger than 4000 × 4000');
    expect(await judge({ 'min-image-size': '4000x4000' }, huge)).to.equal(huge);
  });
});

describe('rules about pixels of what browsers turn differently (F18)', () => {
  it('judge a PNG file with EXIF data as this browser shows it', async () => {
    const bytes = new Uint8Array(await (await makePicture(300, 200)).arrayBuffer());
    // Big-endian, one field: orientation (0x0112), a short, one value: 6.
    const exif = [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
    const parts = [bytes.subarray(0, 33), ...pngChunk('eXIf', new Uint8Array(exif)), bytes.subarray(33)];
    const whole = await new Blob(parts).arrayBuffer();
    const turned = new File([whole], 'turned.png', { type: 'image/png' });
    const shown = await look(turned);
    const isTurned = shown.width === 200;
    const wanted = isTurned ? '200x300' : '300x200';
    expect(await judge({ 'min-image-size': wanted }, turned)).to.equal(turned);
    const other = isTurned ? '300x200' : '200x300';
    expect(await judge({ 'min-image-size': other }, turned)).to.contain('Smaller than');
  });
});

describe('a picture that cannot be read any more', () => {
  it('is left to the upload, which says so', async () => {
    const file = await makePicture(30, 20);
    const unreadable = (): Blob => {
      const blob = new Blob();
      blob.arrayBuffer = () => Promise.reject(new DOMException('It is gone.', 'NotReadableError'));
      return blob;
    };
    file.slice = unreadable;
    expect((await compressImage(file, { maxWidth: 10 })) === file).to.equal(true);
  });
});
