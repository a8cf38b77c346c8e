import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { BOUNDARY, blobsIn, encodeForm, KodoClient, MIB, openRequest, until, type FormPart } from './kodo-client.js';

let folder: string;
let kodo: Kodo;
let client: KodoClient;
let now = Date.now();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-form-'));
  kodo = await startKodo({ folder, now: () => now, onRequest: () => arrivals.dispatchEvent(new Event('request')) });
  client = new KodoClient(kodo);
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true, force: true });
});
const arrivals = new EventTarget();

const file = (value: Buffer, rest: Partial<FormPart> = {}): FormPart => ({
  name: 'file',
  value,
  filename: 'a.bin',
  ...rest,
});
const token = (policy: Record<string, unknown> = {}): FormPart => ({ name: 'token', value: client.token(policy) });
const key = (value: string): FormPart => ({ name: 'key', value });

describe('the fields of a form', () => {
  test('come in any order', async () => {
    const parts = [file(bytes(MIB)), token({ scope: 'demo:order' }), key('order'), { name: 'x:a', value: '1' }];
    for (let turn = 0; turn < parts.length; turn += 1) {
      parts.push(...parts.splice(0, 1));
      const { status, body } = await client.postParts(parts);
      assert.deepEqual([status, body['key'], body['x:a']], [200, 'order', '1']);
      assert.deepEqual(await client.stored('order'), bytes(MIB));
    }
  });

  test('an empty key is a name; an absent one is not', async () => {
    const empty = await client.postParts([token({ scope: 'demo:' }), key(''), file(bytes(5))]);
    assert.deepEqual([empty.status, empty.body['key']], [200, '']);
    assert.equal(await (await fetch(`${kodo.domain('demo')}/`)).arrayBuffer().then((data) => data.byteLength), 5);
    const absent = await client.postParts([token(), file(bytes(6))]);
    assert.equal(absent.body['key'], absent.body['hash']);
    const refused = await client.postParts([token({ scope: 'demo:' }), file(bytes(5))]);
    assert.deepEqual([refused.status, refused.text], [403, `{"error":"key doesn't match with scope"}`]);
  });

  test('count once each: the first of a name, the first part called file', async () => {
    const other = { name: 'other', value: bytes(70_000, 9), filename: 'other.bin' };
    const parts = [other, token(), key('first'), key('second'), file(bytes(10, 1)), file(bytes(10, 2))];
    const { status, body } = await client.postParts(parts);
    assert.deepEqual([status, body['key']], [200, 'first']);
    assert.deepEqual(await client.stored('first'), bytes(10, 1));
  });

  test('set the type of the answer and the headers of downloads', async () => {
    const { status, headers } = await client.postParts([
      token(),
      key('headed'),
      { name: 'accept', value: 'text/plain; charset=utf-8' },
      { name: 'cacheControl', value: 'max-age=5' },
      { name: 'x-qn-meta-colour', value: 'blue' },
      file(bytes(5), { type: 'image/x-own' }),
    ]);
    assert.deepEqual([status, headers.get('content-type')], [200, 'text/plain; charset=utf-8']);
    const download = await fetch(`${kodo.domain('demo')}/headed`);
    const names = ['content-type', 'cache-control', 'x-qn-meta-colour'];
    assert.deepEqual(
      names.map((name) => download.headers.get(name)),
      ['image/x-own', 'max-age=5', 'blue'],
    );
  });

  test('set the type of a refusal as well', async () => {
    const accept = { name: 'accept', value: 'text/plain; charset=utf-8' };
    for (const [policy, status] of [
      [{ fsizeLimit: 1 }, 413],
      [{ deadline: 1 }, 401],
    ] as const) {
      const reply = await client.postParts([file(bytes(5)), token(policy), accept]);
      assert.deepEqual([reply.status, reply.headers.get('content-type')], [status, 'text/plain; charset=utf-8']);
    }
    const broken = await client.postParts([file(bytes(5)), token(), { name: 'accept', value: 'a\u4e2d' }]);
    assert.deepEqual([broken.status, broken.headers.get('content-type')], [400, 'application/json']);
  });

  test('may say what is not ASCII of an object', async () => {
    const { status } = await client.postParts([
      token(),
      key('湖'),
      { name: 'x-qn-meta-place', value: '西湖' },
      { name: 'contentDisposition', value: 'inline; filename="湖.png"' },
      file(bytes(5)),
    ]);
    assert.equal(status, 200);
    const { metadata, headers } = kodo.object('demo', '湖') ?? {};
    assert.deepEqual(
      [metadata, headers],
      [{ 'x-qn-meta-place': '西湖' }, { 'content-disposition': 'inline; filename="湖.png"' }],
    );
    const download = await fetch(`${kodo.domain('demo')}/${encodeURIComponent('湖')}`);
    assert.equal(download.headers.get('x-qn-meta-place'), '%E8%A5%BF%E6%B9%96');
    assert.equal(download.headers.get('content-disposition'), 'inline; filename="%E6%B9%96.png"');
  });

  test('keep file names apart from paths, and saveKey from its folder', async () => {
    const sent = [token({ saveKey: '../../$(fname)' }), file(bytes(5), { filename: '../../etc/passwd' })];
    const { body } = await client.postParts(sent);
    assert.equal(body['key'], '../../../../etc/passwd');
    assert.deepEqual(await client.stored('../../../../etc/passwd'), bytes(5));
  });
});

describe('a form that is refused', () => {
  const cases: readonly [string, () => readonly FormPart[], number, string][] = [
    ['no token', () => [file(bytes(5))], 401, '{"error":"token not specified"}'],
    ['an empty token', () => [{ name: 'token', value: '' }, file(bytes(5))], 401, '{"error":"token not specified"}'],
    ['a token of two parts', () => [{ name: 'token', value: 'a:b' }, file(bytes(5))], 401, '{"error":"bad token"}'],
    ['no file', () => [token(), key('k')], 400, '{"error":"file is not specified in multipart"}'],
    [
      'a file without a name',
      () => [token(), { name: 'file', value: 'x' }],
      400,
      '{"error":"file is not specified in multipart"}',
    ],
    [
      'a crc32 in letters',
      () => [token(), { name: 'crc32', value: 'abc' }, file(bytes(5))],
      400,
      '{"error":"invalid argument"}',
    ],
    [
      'a crc32 of another file',
      () => [token(), { name: 'crc32', value: '7' }, file(bytes(5))],
      406,
      '{"error":"crc32 check error"}',
    ],
    [
      'a field that is too long',
      () => [token(), { name: 'x:a', value: 'a'.repeat(11 * MIB) }, file(bytes(5))],
      400,
      '{"error":"invalid multipart format: multipart: message too large"}',
    ],
    [
      'a metadata name with a dot',
      () => [token(), { name: 'x-qn-meta-a.b', value: '1' }, file(bytes(5))],
      400,
      '{"error":"invalid argument"}',
    ],
    [
      'too much metadata',
      () => [token(), { name: 'x-qn-meta-a', value: 'a'.repeat(1020) }, file(bytes(5))],
      400,
      '{"error":"invalid argument"}',
    ],
  ];
  for (const [name, parts, status, text] of cases) {
    test(`for ${name}: ${status}, and nothing stays on disk`, async () => {
      const stays = await blobsIn(folder);
      const reply = await client.postParts(parts(), { origin: 'http://page' });
      assert.deepEqual([reply.status, reply.text], [status, text]);
      assert.equal(reply.headers.get('access-control-allow-origin'), '*');
      assert.match(reply.headers.get('x-reqid') ?? '', /^[\w-]{16}$/);
      assert.deepEqual(await blobsIn(folder), stays);
    });
  }

  test('for another content type, and for one without a boundary', async () => {
    const post = async (type: string): Promise<string> =>
      (await client.postParts([token(), file(bytes(5))], { 'content-type': type })).text;
    assert.match(await post('application/x-www-form-urlencoded'), /invalid multipart format: request Content-Type/);
    assert.match(await post('multipart/form-data'), /no multipart boundary/);
  });

  test('where it ends before its last boundary', async () => {
    const stays = await blobsIn(folder);
    const whole = encodeForm([token(), file(bytes(100_000))]);
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
    for (const length of [whole.length - 20, whole.length - 50_000, 30]) {
      const body = new Uint8Array(whole.subarray(0, length));
      const response = await fetch(`${kodo.origin}/`, { method: 'POST', headers, body });
      assert.deepEqual(
        [response.status, await response.text()],
        [400, '{"error":"invalid multipart format: multipart: NextPart: EOF"}'],
      );
    }
    assert.deepEqual(await blobsIn(folder), stays);
  });
});

describe('a form on a poor line', () => {
  const type = `multipart/form-data; boundary=${BOUNDARY}`;

  test('that breaks leaves nothing on disk', async () => {
    const stays = await blobsIn(folder);
    const whole = encodeForm([file(bytes(MIB)), token(), key('broken')]);
    const arrived = once(arrivals, 'request');
    const sent = openRequest(kodo.origin, 'POST', '/', { 'content-type': type, 'content-length': whole.length });
    await sent.write(whole.subarray(0, 500_000));
    await arrived;
    sent.cut();
    await until(() => kodo.requests.at(-1)?.aborted === true);
    await until(async () => (await blobsIn(folder)).length === stays.length);
    assert.equal(kodo.object('demo', 'broken'), undefined);
  });

  test('that is slow is taken to its end', async () => {
    const whole = encodeForm([file(bytes(10)), token(), key('slow')]);
    const sent = openRequest(kodo.origin, 'POST', '/', { 'content-type': type, 'content-length': whole.length });
    for (let offset = 0; offset < whole.length - 40; offset += 40)
      await sent.write(whole.subarray(offset, offset + 40));
    sent.end(whole.subarray(Math.ceil((whole.length - 40) / 40) * 40));
    assert.equal((await sent.response).status, 200);
  });

  test('is judged by the deadline at its end', async () => {
    const parts = [token({ deadline: Math.floor(now / 1000) + 60 }), key('late'), file(bytes(10))];
    const whole = encodeForm(parts);
    const sent = openRequest(kodo.origin, 'POST', '/', { 'content-type': type, 'content-length': whole.length });
    await sent.write(whole.subarray(0, 100));
    await until(() => kodo.requests.at(-1)?.bytes === 100);
    now += 90_000;
    sent.end(whole.subarray(100));
    const { status, text } = await sent.response;
    now -= 90_000;
    assert.deepEqual([status, text], [401, '{"error":"expired token"}']);
    assert.equal(kodo.object('demo', 'late'), undefined);
  });

  test('that waits for 100 Continue is told to go on', async () => {
    const whole = encodeForm([token(), key('expected'), file(bytes(10))]);
    const headers = { 'content-type': type, 'content-length': whole.length, expect: '100-continue' };
    const sent = openRequest(kodo.origin, 'POST', '/', headers);
    await sent.continued;
    sent.end(whole);
    assert.equal((await sent.response).status, 200);
  });
});

describe('a path that Kodo does not have', () => {
  for (const [method, path, status] of [
    ['GET', '/nothing', 404],
    ['GET', '/', 405],
    ['PUT', '/', 405],
    ['PATCH', '/buckets/demo/objects/~/uploads', 405],
    ['GET', '/_kodo/requests', 404],
    ['GET', '/buckets/demo/objects/!!/uploads/1', 400],
  ] as const) {
    test(`is answered ${status} for ${method} ${path}, readable across origins`, async () => {
      const response = await fetch(`${kodo.origin}${path}`, { method, headers: { origin: 'http://page' } });
      assert.equal(response.status, status);
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
      assert.match(await response.text(), /^\{"error":"/);
    });
  }

  test('may come as a whole address, as from a proxy', async () => {
    const sent = openRequest(kodo.origin, 'GET', `http://up.example/v2/query?ak=${kodo.accessKey}&bucket=demo`, {});
    sent.end();
    assert.equal((await sent.response).status, 200);
  });
});
