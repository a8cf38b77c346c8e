import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { BlobStore } from '../../demo-server/kodo/src/store/blob-store.js';
import { readForm, type UploadForm } from '../../demo-server/kodo/src/upload/form-reader.js';
import { Random } from '../storm/random.js';
import { bytes } from '../support/test-data.js';
import { BOUNDARY, encodeForm, type FormPart } from '../server/kodo-client.js';

let folder: string;
let blobs: BlobStore;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-form-reader-'));
  blobs = await BlobStore.open(folder);
});
after(() => rm(folder, { recursive: true }));

const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

const read = async (chunks: readonly Buffer[], type = TYPE): Promise<UploadForm> =>
  readForm(type, Readable.from(chunks, { objectMode: false, highWaterMark: 0 }), blobs);

/** A form of one file whose part has these lines of headers. */
const withHeaders = (...lines: readonly string[]): readonly Buffer[] => [
  Buffer.from(`--${BOUNDARY}\r\n${lines.join('\r\n')}\r\n\r\nhello\r\n--${BOUNDARY}--\r\n`),
];

// Among them is seed 1291, of which the parser alone would never come to the end.
test('a form may come in pieces of any size', { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 1500; seed += 1) {
    const random = new Random(seed);
    const size = random.pick([0, 1, 10, 16_384, 16_383, 65_536, 65_530, 200_000, random.whole(0, 300_000)]);
    // Bytes that nearly are a boundary, at the end and at the beginning.
    const near = random.chance(0.3) ? `\r\n--${BOUNDARY.slice(0, random.whole(0, BOUNDARY.length - 1))}` : '';
    const [first, last] = random.chance(0.3) ? ['\r\n--', '\r\n\r\n-'] : ['', ''];
    const data = Buffer.concat([Buffer.from(first), bytes(size, seed), Buffer.from(`${near}${last}`)]);
    const long = 'v'.repeat(random.pick([0, 1, 20, 20_000]));
    const parts: FormPart[] = [
      { name: 'a', value: long },
      { name: 'file', value: data, filename: 'x', type: 'A/b; c=D' },
      { name: 'b', value: long },
      { name: 'other', value: data, filename: 'y' },
      { name: 'c', value: '1' },
    ];
    for (let end = parts.length - 1; end > 0; end -= 1) {
      const place = random.whole(0, end);
      const [one, other] = [parts[end], parts[place]];
      if (one !== undefined && other !== undefined) [parts[end], parts[place]] = [other, one];
    }
    const whole = encodeForm(parts);
    const most = random.pick([7, 100, 5000, 16_384, 65_536]);
    const least = size > 20_000 && most < 100 ? 500 : 1;
    const chunks: Buffer[] = [];
    for (let at = 0; at < whole.length; at += chunks.at(-1)?.length ?? 1) {
      chunks.push(whole.subarray(at, at + random.whole(least, least === 1 ? most : 9000)));
    }
    const { fields, file } = await read(chunks);
    assert.deepEqual(
      [...fields].sort(),
      [
        ['a', long],
        ['b', long],
        ['c', '1'],
      ],
      `seed ${seed}`,
    );
    assert.ok(file?.contentType === 'A/b; c=D');
    assert.ok((await buffer(blobs.read([file.blob], 0, file.blob.size - 1))).equals(data), `seed ${seed}`);
    await blobs.remove([file.blob]);
  }
});

describe('the headers of a part', () => {
  const disposition = 'Content-Disposition: form-data; name="file"; filename="a.bin"';

  test('state a type as it is written, or none', async () => {
    const typeOf = async (...lines: readonly string[]): Promise<string | undefined> =>
      (await read(withHeaders(disposition, ...lines))).file?.contentType;
    assert.equal(await typeOf('Content-Type: text/html; charset=gbk'), 'text/html; charset=gbk');
    assert.equal(await typeOf('content-type:audio/AMR '), 'audio/AMR');
    assert.equal(await typeOf('Content-Type: text/plain;', ' charset=utf-8'), 'text/plain; charset=utf-8');
    assert.equal(await typeOf('X-Other: 1'), undefined);
  });

  test('name a file in UTF-8, in quotes or not, whatever a browser leaves in it', async () => {
    const names: readonly [string, string][] = [
      ['filename="图 片.png"', '图 片.png'],
      ['filename="a%22b.txt"', 'a%22b.txt'],
      ['filename="a\\"b.txt"', 'a"b.txt'],
      ['filename="C:\\dir\\a.txt"', 'C:\\dir\\a.txt'],
      ['filename="a;b=c.txt"', 'a;b=c.txt'],
      ['filename=plain.txt', 'plain.txt'],
      ['filename="x"; filename*=utf-8\'\'%E5%9B%BE.png', '图.png'],
      ['filename=""', ''],
    ];
    for (const [parameter, name] of names) {
      const { file } = await read(withHeaders(`Content-Disposition: form-data; name="file"; ${parameter}`));
      assert.equal(file?.filename, name);
    }
  });

  test('make a file of octets, a field of anything else', async () => {
    const field = 'Content-Disposition: form-data; name="file"';
    const octets = await read(withHeaders(field, 'Content-Type: application/octet-stream'));
    assert.deepEqual([octets.file?.filename, octets.fields.size], ['', 0]);
    const words = await read(withHeaders(field, 'Content-Type: text/plain'));
    assert.deepEqual([words.file, words.fields.get('file')], [undefined, 'hello']);
  });

  test('that are no form’s are passed over', async () => {
    for (const line of [
      'Content-Type: text/plain',
      'Content-Disposition: attachment; name="a"',
      'Content-Disposition:',
    ]) {
      const { fields, file } = await read(withHeaders(line));
      assert.deepEqual([fields.size, file], [0, undefined]);
    }
  });

  test('that are none, or endless, break the form', async () => {
    const broken = { status: 400, message: 'invalid multipart format: multipart: NextPart: EOF' };
    for (const line of ['', 'no colon', `${disposition}\r\nX-Long: ${'a'.repeat(20_000)}`]) {
      await assert.rejects(read(withHeaders(line)), broken);
    }
  });
});

describe('a boundary', () => {
  test('may be in quotes, and must not be longer than anybody makes it', async () => {
    const quoted = await read(
      withHeaders('Content-Disposition: form-data; name="a"'),
      `Multipart/Form-Data;Boundary="${BOUNDARY}"`,
    );
    assert.equal(quoted.fields.get('a'), 'hello');
    const refused = { status: 400, message: 'invalid multipart format: no multipart boundary param in Content-Type' };
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      `multipart/form-data; boundary=${'b'.repeat(300)}`,
    ]) {
      await assert.rejects(read([], type), refused);
    }
  });
});

test('more fields than anybody sends, or longer names, are refused', async () => {
  const refused = { status: 400, message: 'invalid multipart format: multipart: message too large' };
  const many = Array.from({ length: 1001 }, (_, index) => ({ name: `x:${index}`, value: '' }));
  assert.equal((await read([encodeForm(many.slice(1))])).fields.size, 1000);
  await assert.rejects(read([encodeForm(many)]), refused);
  await assert.rejects(read([encodeForm([{ name: 'x'.repeat(1025), value: '' }])]), refused);
});
