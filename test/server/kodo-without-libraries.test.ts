import assert from 'node:assert/strict';
import { register } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { PNG } from '../support/test-data.js';
import { KodoClient, replyOf } from './kodo-client.js';

/** As if the optional dependencies were not installed. */
const WITHOUT = `export async function resolve(name, context, next) {
  if (['sharp', 'libexif-wasm', 'mediainfo.js'].includes(name)) throw new Error('not installed');
  return next(name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(WITHOUT)}`);

/** Begins as a JPEG does. */
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');

const GIF = Buffer.from('47494638396101000100800000000000ffffff2c00000000010001000002024401003b', 'hex');

let kodo: Kodo;
let client: KodoClient;
let warnings: string[] = [];
before(async () => {
  kodo = await startKodo({ onWarning: (text) => warnings.push(text) });
  client = new KodoClient(kodo);
});
after(() => kodo.close());
beforeEach(() => (warnings = []));

async function fill(returnBody: string, file: Buffer): Promise<string> {
  return (await client.postForm({ token: client.token({ returnBody, scope: 'demo:a' }), key: 'a' }, file)).text;
}

test('what no template names is not looked for', async () => {
  assert.equal(
    await fill('{"w":$(imageInfo.width),"x":"exif imageAve avinfo $(x:avinfo)"}', PNG),
    '{"w":1,"x":"exif imageAve avinfo "}',
  );
  assert.deepEqual(warnings, []);
});

test('what a missing library would tell is absent, which is warned of once', async () => {
  for (let times = 0; times < 2; times += 1) {
    assert.equal(await fill('{"e":$(exif.Model.val)}', JPEG), '{"e":null}');
    assert.equal(await fill('{"c":${imageAve}}', PNG), '{"c":null}');
    assert.equal(await fill('{"d":"$(avinfo.format.duration)"}', PNG), '{"d":""}');
    assert.equal(await fill('{"w":$(imageInfo.width),"n":$(imageInfo.frameNumber)}', GIF), '{"w":1,"n":null}');
  }
  assert.deepEqual(warnings, [
    'exif is unavailable: libexif-wasm is not installed.',
    'imageAve is unavailable: sharp is not installed.',
    'avinfo is unavailable: mediainfo.js is not installed.',
    'imageInfo has no frameNumber: sharp is not installed.',
  ]);
});

test('its commands are refused, and imageView2 gives the whole picture', async () => {
  await fill('{}', PNG);
  const ask = async (command: string): Promise<number> =>
    (await replyOf(await fetch(`${kodo.domain('demo')}/a?${command}`))).status;
  assert.deepEqual(await Promise.all(['exif', 'imageAve', 'avinfo'].map(ask)), [400, 400, 400]);
  await client.postForm({ token: client.token(), key: 'words' }, Buffer.from('hello'));
  for (const command of ['imageView2/2/w/1', 'imageMogr2/thumbnail/1x1']) {
    const refused = await replyOf(await fetch(`${kodo.domain('demo')}/words?${command}`));
    assert.deepEqual([refused.status, refused.text], [400, '{"error":"unsupported format"}']);
  }
  const picture = await fetch(`${kodo.domain('demo')}/a?imageView2/2/w/1`);
  assert.deepEqual(Buffer.from(await picture.arrayBuffer()), PNG);
  assert.deepEqual(warnings, ['imageView2 returns the original image: sharp is not installed.']);
});
