import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { EtagHash } from '../../demo-server/kodo/etag.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/start-kodo.js';
import { bytes, sha256 } from '../support/test-data.js';
import { blobsIn, KodoClient, MIB, replyOf, type Reply } from './kodo-client.js';

const BLOCK = 4 * MIB;

let folder: string;
let kodo: Kodo;
let client: KodoClient;
let now = Date.now();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-blocks-'));
  kodo = await startKodo({ folder, now: () => now });
  client = new KodoClient(kodo);
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true, force: true });
});

async function post(path: string, body: Buffer | string, token = client.token()): Promise<Reply> {
  const headers = { authorization: `UpToken ${token}`, 'content-type': 'application/octet-stream' };
  return replyOf(
    await fetch(`${kodo.origin}${path}`, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) }),
  );
}

const b64 = (text: string): string => Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

describe('blocks', () => {
  test('of several chunks become a file that hashes by its bytes', async () => {
    const data = bytes(BLOCK + 100_000);
    const first = await post(`/mkblk/${BLOCK}`, data.subarray(0, MIB));
    assert.equal(first.status, 200);
    assert.equal(first.body['crc32'], crc32(data.subarray(0, MIB)));
    assert.equal(first.body['offset'], MIB);
    assert.equal(first.body['host'], kodo.origin);
    const rest = await post(`/bput/${String(first.body['ctx'])}/${MIB}`, data.subarray(MIB, BLOCK));
    assert.deepEqual([rest.status, rest.body['offset']], [200, BLOCK]);
    assert.equal(rest.body['crc32'], crc32(data.subarray(MIB, BLOCK)));
    const sum = createHash('sha1').update(data.subarray(0, BLOCK)).digest('base64url');
    assert.equal(String(rest.body['checksum']).replace(/=+$/, ''), sum);
    const last = await post('/mkblk/100000', data.subarray(BLOCK));
    const fields = `/fname/${b64('图.bin')}/key/${b64('blocks')}/x:a/${b64('1')}/mimeType/${b64('a/b')}`;
    const contexts = `${String(rest.body['ctx'])},${String(last.body['ctx'])}`;
    const made = await post(`/mkfile/${data.length}${fields}`, contexts);
    assert.equal(made.text, `{"hash":"${new EtagHash().update(data).digest()}","key":"blocks","x:a":"1"}`);
    assert.equal(sha256(await client.stored('blocks')), sha256(data));
    assert.equal(kodo.object('demo', 'blocks')?.mimeType, 'a/b');
    assert.equal((await post(`/mkfile/${data.length}${fields}`, contexts)).status, 701);
  });

  test('may be none, for an empty file', async () => {
    const { status, body } = await post(`/mkfile/0/key/${b64('empty')}`, '');
    assert.deepEqual([status, body['hash']], [200, 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ']);
  });

  test('overwrite where the scope is a bucket, but not with insertOnly', async () => {
    const make = async (seed: number, policy = {}): Promise<number> => {
      const { body } = await post('/mkblk/10', bytes(10, seed));
      const path = `/mkfile/10/key/${b64('over')}`;
      return (await post(path, String(body['ctx']), client.token(policy))).status;
    };
    assert.deepEqual([await make(1), await make(2), await make(3, { insertOnly: 1 })], [200, 200, 614]);
    assert.deepEqual(await client.stored('over'), bytes(10, 2));
  });

  test('are refused in Kodo’s words', async () => {
    const text = async (reply: Promise<Reply>): Promise<string> => `${(await reply).status} ${(await reply).text}`;
    const block = async (size = 10): Promise<string> => String((await post(`/mkblk/${size}`, bytes(size))).body['ctx']);
    assert.equal(await text(post('/mkfile/10', 'nonsense')), '701 {"error":"block 0: invalid context"}');
    assert.equal(await text(post('/mkfile/20', `${await block()},x`)), '701 {"error":"block 1: invalid context"}');
    assert.equal(await text(post('/bput/nonsense/4', bytes(4))), '701 {"error":"block 0: invalid context"}');
    const part = String((await post('/mkblk/10', bytes(4))).body['ctx']);
    assert.equal(await text(post(`/bput/${part}/5`, bytes(4))), '701 {"error":"block 0: invalid context"}');
    const invalid = '400 {"error":"invalid argument"}';
    assert.equal(await text(post('/mkfile/4', part)), invalid);
    assert.equal(await text(post('/mkfile/11', await block())), invalid);
    assert.equal(await text(post('/mkfile/20', `${await block()},${await block()}`)), invalid);
    assert.equal(await text(post('/mkfile/10/key', await block())), invalid);
    assert.equal(await text(post(`/mkblk/${BLOCK + 1}`, bytes(4))), invalid);
    assert.equal(await text(post('/mkblk/0', '')), invalid);
    assert.equal(await text(post('/mkblk/a', '')), invalid);
    const stays = await blobsIn(folder);
    assert.equal(await text(post('/mkblk/10', bytes(11))), invalid);
    assert.deepEqual(await blobsIn(folder), stays);
    assert.equal(await text(post('/mkblk/10', bytes(10), 'none')), '401 {"error":"bad token"}');
  });

  test('go on after a refusal, and one context is good for one chunk', async () => {
    const first = await post('/mkblk/10', bytes(4));
    const path = `/bput/${String(first.body['ctx'])}/4`;
    assert.equal((await post(path, bytes(7))).status, 400);
    const rest = await post(path, bytes(6));
    assert.equal(rest.status, 200);
    assert.equal((await post(path, bytes(6))).status, 701);
    const contexts = String(rest.body['ctx']);
    assert.equal((await post('/mkfile/10', contexts, client.token({ fsizeLimit: 9 }))).status, 413);
    assert.equal((await post('/mkfile/10', contexts)).status, 200);
  });

  test('live for a day', async () => {
    const token = client.token({ deadline: Math.floor(now / 1000) + 3 * 86_400 });
    const { body } = await post('/mkblk/10', bytes(10), token);
    now += 86_400_000 + 1000;
    assert.equal((await post('/mkfile/10', String(body['ctx']), token)).status, 701);
  });
});
