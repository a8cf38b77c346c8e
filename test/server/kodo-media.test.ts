import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { averageColourOf } from '../../demo-server/kodo/src/media/average-colour.js';
import type { Content } from '../../demo-server/kodo/src/media/content.js';
import { mediaInfoOf } from '../../demo-server/kodo/src/media/media-info.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes, PNG } from '../support/test-data.js';
import { KodoClient, replyOf, startBusiness, type Business, type Reply } from './kodo-client.js';

/** As much of sharp as draws a picture. */
interface Drawing {
  composite(layers: readonly object[]): Drawing;
  greyscale(): Drawing;
  toColourspace(space: string): Drawing;
  withExif(exif: Readonly<Record<string, Readonly<Record<string, string>>>>): Drawing;
  toFormat(format: string, options?: object): Drawing;
  toBuffer(): Promise<Buffer>;
}
type Draw = (options: object) => Drawing;

const name: string = 'sharp';
const sharp = await import(name).then(
  (module: { readonly default: Draw }) => module.default,
  () => undefined,
);
const skip = sharp === undefined ? 'sharp is not installed' : false;

function draw(background: string): Drawing {
  assert.ok(sharp);
  return sharp({ create: { width: 6, height: 4, channels: 3, background } });
}

/**
 * A second of a test card of 64 x 36 pixels with a tone, its index at the end:
 * ffmpeg -f lavfi -i testsrc=s=64x36:r=24:d=1 -f lavfi -i sine=f=440:r=8000:d=1 -c:v libx264 -preset veryslow -crf 45
 *   -pix_fmt yuv420p -c:a aac -b:a 8k -shortest -bitexact -map_metadata -1 tiny.mp4
 * What is expected of it is what ffprobe says.
 */
const VIDEO = await readFile(new URL('media/tiny.mp4', import.meta.url));
const VIDEO_STREAM = {
  bit_rate: '11776',
  codec_name: 'h264',
  codec_type: 'video',
  display_aspect_ratio: '16:9',
  duration: '1.000000',
  height: 36,
  index: 0,
  nb_frames: '24',
  pix_fmt: 'yuv420p',
  r_frame_rate: '24/1',
  width: 64,
};
const AUDIO_STREAM = {
  bit_rate: '9326',
  channels: 1,
  codec_name: 'aac',
  codec_type: 'audio',
  duration: '1.000000',
  index: 1,
  nb_frames: '9',
  r_frame_rate: '0/0',
  sample_rate: '8000',
};
const VIDEO_FORMAT = {
  bit_rate: '35168',
  duration: '1.000000',
  format_long_name: 'QuickTime / MOV',
  format_name: 'mov,mp4,m4a,3gp,3g2,mj2',
  nb_streams: 2,
  size: '4396',
};

/** Half a second of silence: 16 bits, two channels, 8000 samples a second. */
const WAV = ((): Buffer => {
  const data = Buffer.alloc(16_000);
  const header = Buffer.alloc(44);
  header.write('RIFF');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000 * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
})();

/** A GIF of one pixel and so many frames. */
function gif(frames: number): Buffer {
  const head = '474946383961' + '01000100800000' + '000000ffffff';
  const frame = '2c000000000100010000' + '0202440100';
  return Buffer.from(head + frame.repeat(frames) + '3b', 'hex');
}

/** A JPEG with EXIF data of one field: its orientation. */
function turn(jpeg: Buffer, orientation: number): Buffer {
  const field = `0001 0112 0003 00000001 000${orientation} 0000 00000000`.replaceAll(' ', '');
  const exif = Buffer.from(`ffe10022${'457869660000'}${'4d4d002a00000008'}${field}`, 'hex');
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}

let kodo: Kodo;
let client: KodoClient;
let business: Business;
const warnings: string[] = [];
before(async () => {
  kodo = await startKodo({ onWarning: (text) => warnings.push(text) });
  client = new KodoClient(kodo);
  business = await startBusiness();
});
after(async () => {
  business.close();
  await kodo.close();
});

/** What a `returnBody` becomes. */
async function fill(returnBody: string, file: Buffer): Promise<Reply> {
  const reply = await client.postForm({ token: client.token({ returnBody }) }, file);
  assert.equal(reply.status, 200, reply.text);
  return reply;
}

/** What a `callbackBody` in form encoding becomes. */
async function fillForm(callbackBody: string, file: Buffer): Promise<string> {
  business.seen = [];
  const token = client.token({ callbackUrl: business.url, callbackBody });
  assert.equal((await client.postForm({ token }, file)).status, 200);
  return business.seen[0]?.body ?? '';
}

/** What a command says of a file. */
async function ask(file: Buffer, command: string): Promise<Reply> {
  await client.postForm({ token: client.token({ scope: 'demo:asked' }), key: 'asked' }, file);
  return replyOf(await fetch(`${kodo.domain('demo')}/asked?${command}`));
}

function contentOf(data: Buffer): Content {
  return { head: data, size: data.length, read: (start, end) => Readable.from([data.subarray(start, end + 1)]) };
}

describe('exif', { skip }, () => {
  let photo: Buffer;
  before(async () => {
    photo = await draw('#85694d')
      .withExif({
        IFD0: { Model: 'Canon EOS 600D', DateTime: '2011:11:19 17:09:23' },
        IFD2: { ExposureTime: '1/50', ExposureBiasValue: '1/3', ISOSpeedRatings: '3200' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '31/1 14/1 512/100' },
      })
      .toFormat('jpeg')
      .toBuffer();
  });

  test('holds types and texts as they are documented', async () => {
    const { body } = await fill('{"exif":$(exif)}', photo);
    const exif = body['exif'] as Record<string, unknown>;
    assert.deepEqual(exif['DateTime'], { type: 2, val: '2011:11:19 17:09:23' });
    assert.deepEqual(exif['Model'], { type: 2, val: 'Canon EOS 600D' });
    assert.deepEqual(exif['ExposureTime'], { type: 5, val: '1/50 sec.' });
    assert.deepEqual(exif['ExposureBiasValue'], { type: 10, val: '0.33 EV' });
    assert.deepEqual(exif['ISOSpeedRatings'], { type: 3, val: '3200' });
    assert.deepEqual(exif['GPSLatitude'], { type: 5, val: '31, 14, 5.12' });
    assert.deepEqual(Object.keys(exif), Object.keys(exif).sort());
  });

  test('gives single fields, and nothing for those that are not there', async () => {
    const returnBody =
      '{"m":$(exif.Model.val),"t":$(exif.Model.type),"s":"$(exif.Model.val)!","n":$(exif.FNumber.val)}';
    const { text } = await fill(returnBody, photo);
    assert.equal(text, '{"m":"Canon EOS 600D","t":2,"s":"Canon EOS 600D!","n":null}');
    assert.equal(await fillForm('m=$(exif.Model.val)&n=$(exif.FNumber.val)', photo), 'm=Canon+EOS+600D&n=');
  });

  test('holds what the file holds, and no more', async () => {
    const plain = await draw('red').toFormat('jpeg').toBuffer();
    assert.equal(
      (await fill('{"e":$(exif)}', turn(plain, 6))).text,
      '{"e":{"Orientation":{"type":3,"val":"Right-top"}}}',
    );
    assert.equal((await fill('{"e":$(exif)}', plain)).text, '{"e":null}');
  });

  test('is a command, too', async () => {
    const { status, body } = await ask(photo, 'exif');
    assert.deepEqual([status, body['Model']], [200, { type: 2, val: 'Canon EOS 600D' }]);
    const none = await ask(PNG, 'exif');
    assert.deepEqual([none.status, none.text], [400, '{"error":"no exif data"}']);
  });

  test('of damaged data is what can still be read, or absent', async () => {
    for (let end = 2; end < 300; end += 7) {
      const broken = Buffer.concat([photo.subarray(0, end), Buffer.alloc(20, 0xff)]);
      assert.equal((await fill('{"e":$(exif),"i":$(imageInfo)}', broken)).status, 200);
      assert.match(String((await ask(broken, 'exif')).status), /^[24]00$/);
    }
  });
});

describe('imageInfo', () => {
  const texts = [
    'Top-left',
    'Top-right',
    'Bottom-right',
    'Bottom-left',
    'Left-top',
    'Right-top',
    'Right-bottom',
    'Left-bottom',
  ];
  for (const [index, text] of texts.entries()) {
    test(`calls the orientation ${index + 1} ${text}, its fields in Kodo’s order`, { skip }, async () => {
      const photo = turn(await draw('red').toFormat('jpeg').toBuffer(), index + 1);
      const info = `{"colorModel":"ycbcr","format":"jpeg","height":4,"orientation":"${text}","size":${photo.length},"width":6}`;
      assert.equal((await fill('{"i":$(imageInfo)}', photo)).text, `{"i":${info}}`);
      assert.equal((await ask(photo, 'imageInfo')).text, info);
    });
  }

  test('has no orientation where EXIF has none, or one that does not exist', { skip }, async () => {
    const plain = await draw('red').toFormat('jpeg').toBuffer();
    for (const photo of [plain, turn(plain, 0), turn(plain, 9)]) {
      assert.equal((await fill('{"o":$(imageInfo.orientation)}', photo)).text, '{"o":null}');
    }
  });

  test('counts the frames of a GIF, and of nothing else', { skip }, async () => {
    const info = `{"colorModel":"palettedalpha","format":"gif","frameNumber":3,"height":1,"size":${gif(3).length},"width":1}`;
    assert.equal((await fill('{"i":$(imageInfo)}', gif(3))).text, `{"i":${info}}`);
    assert.equal((await ask(gif(3), 'imageInfo')).text, info);
    assert.equal((await fill('{"n":$(imageInfo.frameNumber)}', gif(1))).text, '{"n":1}');
    assert.equal((await fill('{"n":$(imageInfo.frameNumber)}', PNG)).text, '{"n":null}');
  });

  test('writes its numbers as Go’s floats where a form holds the whole of it', async () => {
    const expected = async (size: number, float: string): Promise<void> => {
      const json = `{"colorModel":"nrgba","format":"png","height":1,"size":${float},"width":1}`;
      const file = Buffer.concat([PNG, Buffer.alloc(size - PNG.length)]);
      assert.equal(
        await fillForm('i=$(imageInfo)&s=$(imageInfo.size)', file),
        `i=${encodeURIComponent(json)}&s=${size}`,
      );
      assert.equal((await fill('$(imageInfo)', file)).text, json.replace(float, String(size)));
    };
    await expected(6_581_432, '6.581432e+06');
    await expected(1_000_000, '1e+06');
    await expected(999_999, '999999');
  });
});

describe('imageAve', { skip }, () => {
  test('is the mean of all pixels', async () => {
    assert.ok(sharp);
    const blue = await sharp({ create: { width: 3, height: 4, channels: 3, background: 'blue' } })
      .toFormat('png')
      .toBuffer();
    const halves = await draw('red')
      .composite([{ input: blue, left: 3, top: 0 }])
      .toFormat('png')
      .toBuffer();
    assert.equal(
      (await fill('{"a":$(imageAve),"r":$(imageAve.RGB)}', halves)).text,
      '{"a":{"RGB":"0x800080"},"r":"0x800080"}',
    );
    assert.equal(await fillForm('r=$(imageAve.RGB)', halves), 'r=0x800080');
    const { status, text } = await ask(halves, 'imageAve');
    assert.deepEqual([status, text], [200, '{"RGB":"0x800080"}']);
  });

  test('is one of red, green and blue whatever the file holds', async () => {
    const colour = async (drawing: Drawing): Promise<unknown> =>
      averageColourOf(contentOf(await drawing.toBuffer()), assert.fail);
    assert.deepEqual(await colour(draw('#85694d').toFormat('gif')), { RGB: '0x85694d' });
    assert.deepEqual(await colour(draw('#050607').toFormat('webp', { lossless: true })), { RGB: '0x050607' });
    assert.deepEqual(await colour(draw('#85694d').toColourspace('rgb16').toFormat('png')), { RGB: '0x85694d' });
    assert.deepEqual(await colour(draw('#808080').greyscale().toFormat('jpeg')), { RGB: '0x808080' });
    const cmyk = await colour(draw('white').toColourspace('cmyk').toFormat('jpeg', { quality: 100 }));
    assert.deepEqual(cmyk, { RGB: '0xffffff' });
  });

  test('of what is no whole picture is absent', async () => {
    const photo = await draw('red').toFormat('jpeg').toBuffer();
    for (const file of [Buffer.from('words'), photo.subarray(0, photo.length / 2), WAV]) {
      assert.equal((await fill('{"a":$(imageAve),"r":$(imageAve.RGB)}', file)).text, '{"a":null,"r":null}');
      assert.equal((await ask(file, 'imageAve')).status, 400);
    }
  });
});

describe('avinfo', () => {
  test('holds the first streams and the container', async () => {
    const { text } = await fill('{"a":$(avinfo)}', VIDEO);
    assert.equal(text, JSON.stringify({ a: { audio: AUDIO_STREAM, format: VIDEO_FORMAT, video: VIDEO_STREAM } }));
    assert.equal(
      await fillForm('d=$(avinfo.format.duration)&w=$(avinfo.video.width)&none=$(avinfo.video.rotate)', VIDEO),
      'd=1.000000&w=64&none=',
    );
  });

  test('as a command lists the streams', async () => {
    const { status, body } = await ask(VIDEO, 'avinfo');
    assert.deepEqual([status, body], [200, { streams: [VIDEO_STREAM, AUDIO_STREAM], format: VIDEO_FORMAT }]);
  });

  test('of sound has no video', async () => {
    const { body } = await fill('{"a":$(avinfo),"w":$(avinfo.video.width)}', WAV);
    const audio = {
      bit_rate: '256000',
      channels: 2,
      codec_name: 'pcm_s16le',
      codec_type: 'audio',
      duration: '0.500000',
      index: 0,
      r_frame_rate: '0/0',
      sample_rate: '8000',
    };
    const format = {
      bit_rate: '256704',
      duration: '0.500000',
      format_long_name: 'WAV / WAVE (Waveform Audio)',
      format_name: 'wav',
      nb_streams: 1,
      size: String(WAV.length),
    };
    assert.deepEqual(body, { a: { audio, format }, w: null });
  });

  test('of anything else is absent', async () => {
    for (const file of [Buffer.alloc(0), Buffer.from('words'), PNG, gif(2), bytes(5000), VIDEO.subarray(0, 100)]) {
      assert.equal((await fill('{"a":$(avinfo),"d":"$(avinfo.format.duration)"}', file)).text, '{"a":null,"d":""}');
      assert.equal(await fillForm('a=$(avinfo)&d=$(avinfo.format.duration)', file), 'a=&d=');
      const { status, body } = await ask(file, 'avinfo');
      assert.deepEqual([status, typeof body['error']], [400, 'string']);
    }
  });

  test('of damaged media is what can still be read, or absent', async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const damaged = Buffer.from(VIDEO);
      bytes(300, seed).copy(damaged, (seed * 211) % (VIDEO.length - 300));
      assert.match(String((await ask(damaged, 'avinfo')).status), /^[24]00$/);
    }
  });

  test('gives up on a file that keeps the reader busy for ever, and goes on with the next', async () => {
    // a damaged FLV, over which MediaInfo never ends
    const endless = '464c5601050000000900000000120001740000000000000002000a816e4d6574614461746108ff000010';
    const [given, next] = await Promise.all([
      mediaInfoOf(contentOf(Buffer.from(endless, 'hex')), assert.fail, 500),
      mediaInfoOf(contentOf(VIDEO), assert.fail),
    ]);
    assert.equal(given, undefined);
    assert.deepEqual(next?.streams, [VIDEO_STREAM, AUDIO_STREAM]);
  });

  test('of a file of gigabytes reads a small part of it', async () => {
    const index = VIDEO.indexOf('moov') - 4;
    const gap = 5 * 2 ** 30;
    const filler = Buffer.alloc(16); // the head of a box that takes up the gap
    filler.writeUInt32BE(1);
    filler.write('free', 4);
    filler.writeBigUInt64BE(BigInt(gap), 8);
    const front = Buffer.concat([VIDEO.subarray(0, index), filler]);
    const back = VIDEO.subarray(index);
    const backAt = index + gap;
    let taken = 0;
    const read = (start: number, end: number): Readable => {
      const part = Buffer.alloc(end - start + 1);
      taken += part.length;
      if (start < front.length) front.copy(part, 0, start);
      if (end >= backAt) back.copy(part, Math.max(0, backAt - start), Math.max(0, start - backAt));
      return Readable.from([part]);
    };
    const info = await mediaInfoOf({ head: front, size: backAt + back.length, read }, assert.fail);
    assert.deepEqual(info?.streams, [VIDEO_STREAM, AUDIO_STREAM]);
    assert.equal(info.format['size'], String(backAt + back.length));
    assert.ok(taken < 2 ** 20, `${taken} bytes were read`);
  });
});

test('what is read from the bytes may stand in callbackUrl as well', async () => {
  business.seen = [];
  const callback = { callbackUrl: `${business.url}?d=$(avinfo.format.duration)`, callbackBody: 'k=$(key)' };
  await client.postForm({ token: client.token(callback) }, VIDEO);
  assert.equal(business.seen[0]?.url, '/callback?d=1.000000');
});

test('a chain with one of the commands is refused', async () => {
  for (const command of ['exif', 'imageAve', 'avinfo']) {
    assert.equal((await ask(PNG, `${command}|imageInfo`)).status, 400);
  }
});

test('nothing of all this is warned of', () => {
  assert.deepEqual(warnings, []);
});
