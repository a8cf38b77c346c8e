import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { EtagHash } from '../../demo-server/kodo/src/store/etag.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import {
  blobsIn,
  innerOf,
  KodoClient,
  MIB,
  openRequest,
  replyOf,
  startBusiness,
  until,
  type Reply,
} from './kodo-client.js';

let folder: string;
let kodo: Kodo;
let client: KodoClient;
let now = Date.now();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-put-base64-'));
  kodo = await startKodo({ folder, now: () => now });
  client = new KodoClient(kodo);
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true, force: true });
});

const b64 = (text: string): string => Buffer.from(text).toString('base64url');

async function put(path: string, body: string, token = client.token()): Promise<Reply> {
  const headers = { authorization: `UpToken ${token}`, 'content-type': 'application/octet-stream' };
  return replyOf(await fetch(`${kodo.origin}/putb64${path}`, { method: 'POST', headers, body }));
}

describe('a body in base64', () => {
  test('becomes an object, with what the path says of it', async () => {
    const data = bytes(MIB + 1);
    const returnBody = '{"hash":$(etag),"key":$(key),"type":$(mimeType),"a":$(x:a),"size":$(fsize)}';
    const fields = `/mimeType/${b64('a/b')}/x:a/${b64('西湖')}/crc32/${crc32(data)}/key/${b64('dir/图.bin')}`;
    const { status, body } = await put(
      `/${data.length}${fields}`,
      data.toString('base64'),
      client.token({ returnBody }),
    );
    const hash = new EtagHash().update(data).digest();
    assert.equal(status, 200);
    assert.deepEqual(body, { hash, key: 'dir/图.bin', type: 'a/b', a: '西湖', size: data.length });
    assert.deepEqual(await client.stored('dir/图.bin'), data);
    assert.equal(kodo.requests.at(-1)?.kind, 'put-base64');
  });

  test('may be of unknown size, without a name, in lines, and empty', async () => {
    const named = await put('/-1', 'aGVs\r\nbG8=\r\n');
    assert.equal(named.text, '{"hash":"Fqr0xh3cxeii2r7eDztILNmuqUNN","key":"Fqr0xh3cxeii2r7eDztILNmuqUNN"}');
    const empty = await put(`/0/key/${b64('empty')}`, '');
    assert.deepEqual([empty.status, empty.body['hash']], [200, 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ']);
    assert.equal((await put('/-1/key/', 'YQ==', client.token({ scope: 'demo:' }))).body['key'], '');
  });

  test('is told to the business server', async () => {
    const business = await startBusiness();
    try {
      const token = client.token({ callbackUrl: business.url, callbackBody: 'k=$(key)' });
      assert.equal((await put(`/-1/key/${b64('told')}`, 'YQ==', token)).text, '{"id":1}');
      business.answer = { status: 500, body: '' };
      assert.equal(innerOf(await put(`/-1/key/${b64('told')}`, 'YQ==', token))['err_code'], 500);
      assert.deepEqual(await client.stored('told'), Buffer.from('a'));
    } finally {
      business.close();
    }
  });

  const invalid = '400 {"error":"invalid argument"}';
  const refusals: readonly [string, string, string, Record<string, unknown>, string][] = [
    ['of another size', '/4', 'aGVsbG8=', {}, invalid],
    ['of a size in letters', '/a', 'aGVsbG8=', {}, invalid],
    ['that is no base64', '/-1', 'aGV*bG8=', {}, invalid],
    ['in the alphabet of paths', '/-1', '-_-_', {}, invalid],
    ['without its padding', '/-1', 'aGVsbG8', {}, invalid],
    ['that goes on after its padding', '/-1', 'aGVsbG8=aGVs', {}, invalid],
    ['of another crc32', '/-1/crc32/7', 'aGVsbG8=', {}, '406 {"error":"crc32 check error"}'],
    ['with half a field', '/-1/key', 'aGVsbG8=', {}, invalid],
    ['over the limit', '/-1', 'aGVsbG8=', { fsizeLimit: 4 }, '413 {"error":"exceed FsizeLimit"}'],
    [
      'of a type that is not wanted',
      '/-1',
      'aGVsbG8=',
      { mimeLimit: 'image/*' },
      '403 {"error":"limited mimeType: this file type (text/plain) is forbidden to upload"}',
    ],
    [
      'under another key',
      `/-1/key/${b64('yours')}`,
      'aGVsbG8=',
      { scope: 'demo:mine' },
      `403 {"error":"key doesn't match with scope"}`,
    ],
  ];
  for (const [name, path, body, policy, answer] of refusals) {
    test(`${name} is refused, and nothing stays on disk`, async () => {
      const stays = await blobsIn(folder);
      const { status, text } = await put(path, body, client.token(policy));
      assert.equal(`${status} ${text}`, answer);
      assert.deepEqual(await blobsIn(folder), stays);
    });
  }

  test('of other content under a name that is taken is 614', async () => {
    const path = `/-1/key/${b64('taken')}`;
    assert.deepEqual([(await put(path, 'YQ==')).status, (await put(path, 'Yg==')).status], [200, 614]);
  });

  test('needs a token, which is judged again at its end', async () => {
    const bare = await replyOf(await fetch(`${kodo.origin}/putb64/-1`, { method: 'POST', body: 'YQ==' }));
    assert.deepEqual([bare.status, bare.text], [401, '{"error":"token not specified"}']);
    const stays = await blobsIn(folder);
    const authorization = `UpToken ${client.token({ deadline: Math.floor(now / 1000) + 60 })}`;
    const sent = openRequest(kodo.origin, 'POST', '/putb64/-1', { authorization, 'content-length': 8 });
    await sent.write(Buffer.from('aGVs'));
    await until(() => kodo.requests.at(-1)?.bytes === 4);
    now += 90_000;
    sent.end(Buffer.from('bG8='));
    const { status, text } = await sent.response;
    now -= 90_000;
    assert.equal(status, 401);
    assert.match(text, /token expired \d+ seconds ago/);
    assert.deepEqual(await blobsIn(folder), stays);
  });

  test('that breaks off leaves nothing', async () => {
    const stays = (await blobsIn(folder)).length;
    const headers = { authorization: `UpToken ${client.token()}`, 'content-length': MIB };
    const sent = openRequest(kodo.origin, 'POST', '/putb64/-1', headers);
    await sent.write(Buffer.alloc(100_000, 'A'));
    await until(() => (kodo.requests.at(-1)?.bytes ?? 0) > 0);
    sent.cut();
    await until(() => kodo.requests.at(-1)?.aborted === true);
    await until(async () => (await blobsIn(folder)).length === stays);
  });
});
