import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { EtagHash } from '../../demo-server/kodo/src/store/etag.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes, sha256 } from '../support/test-data.js';
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

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');
const b64 = (text: string): string => urlSafe(Buffer.from(text).toString('base64'));

describe('a block that was begun', () => {
  test('survives a restart, and is used up by its file', async () => {
    const home = await mkdtemp(join(tmpdir(), 'kodo-restart-'));
    const data = bytes(300_000);
    const send = async (to: Kodo, path: string, body: Buffer | string): Promise<Reply> => {
      const headers = { authorization: `UpToken ${new KodoClient(to).token()}` };
      const data = new Uint8Array(Buffer.from(body));
      return replyOf(await fetch(`${to.origin}${path}`, { method: 'POST', headers, body: data }));
    };
    try {
      const first = await startKodo({ folder: home });
      const begun = await send(first, `/mkblk/${data.length}`, data.subarray(0, 100_000));
      const more = await send(first, `/bput/${String(begun.body['ctx'])}/100000`, data.subarray(100_000, 200_000));
      await first.close();
      await writeFile(join(home, 'blocks', 'torn'), '{"size":');
      const second = await startKodo({ folder: home });
      try {
        assert.equal((await send(second, `/bput/${String(begun.body['ctx'])}/100000`, 'x')).status, 701);
        const rest = await send(second, `/bput/${String(more.body['ctx'])}/200000`, data.subarray(200_000));
        assert.equal(rest.body['checksum'], urlSafe(createHash('sha1').update(data).digest('base64')));
        const made = await send(second, `/mkfile/${data.length}/key/${b64('kept')}`, String(rest.body['ctx']));
        assert.deepEqual([made.status, made.body['hash']], [200, new EtagHash().update(data).digest()]);
        assert.deepEqual(await new KodoClient(second).stored('kept'), data);
        assert.deepEqual(await readdir(join(home, 'blocks')), []);
      } finally {
        await second.close();
      }
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});

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

  test('may become an object without a name, of an empty one, or one that saveKey names', async () => {
    const make = async (fields: string, policy = {}): Promise<Readonly<Record<string, unknown>>> => {
      const { body } = await post('/mkblk/10', bytes(10));
      return (await post(`/mkfile/10${fields}`, String(body['ctx']), client.token(policy))).body;
    };
    const nameless = await make('');
    assert.equal(nameless['key'], nameless['hash']);
    assert.equal((await make('/key/'))['key'], '');
    assert.equal((await make(`/fname/${b64('a.txt')}`, { saveKey: 'saved/$(fname)' }))['key'], 'saved/a.txt');
  });

  test('are told to the business server, also where that fails', async () => {
    const business = await startBusiness();
    try {
      const make = async (): Promise<Reply> => {
        const { body } = await post('/mkblk/10', bytes(10));
        const token = client.token({ callbackUrl: business.url, callbackBody: 'k=$(key)&x=$(x:a)' });
        return post(`/mkfile/10/key/${b64('told')}/x:a/${b64('1')}`, String(body['ctx']), token);
      };
      assert.equal((await make()).text, '{"id":1}');
      assert.equal(business.seen[0]?.body, 'k=told&x=1');
      business.answer = { status: 500, body: '' };
      const failed = await make();
      assert.deepEqual([failed.status, innerOf(failed)['err_code']], [579, 500]);
      assert.deepEqual(await client.stored('told'), bytes(10));
    } finally {
      business.close();
    }
  });

  test('need a token in each call', async () => {
    for (const path of ['/mkblk/10', '/bput/a/0', '/mkfile/10']) {
      const reply = await replyOf(await fetch(`${kodo.origin}${path}`, { method: 'POST', body: 'abc' }));
      assert.deepEqual([reply.status, reply.text], [401, '{"error":"token not specified"}']);
    }
  });

  test('have the deadline judged again when a file of them is whole', async () => {
    const token = client.token({ deadline: Math.floor(now / 1000) + 60 });
    const context = String((await post('/mkblk/10', bytes(10), token)).body['ctx']);
    const headers = { authorization: `UpToken ${token}`, 'content-length': context.length };
    const sent = openRequest(kodo.origin, 'POST', `/mkfile/10/key/${b64('late')}`, headers);
    await sent.write(Buffer.from(context.slice(0, 5)));
    await until(() => kodo.requests.at(-1)?.bytes === 5);
    now += 90_000;
    sent.end(Buffer.from(context.slice(5)));
    const { status, text } = await sent.response;
    now -= 90_000;
    assert.equal(status, 401);
    assert.match(text, /token expired \d+ seconds ago/);
    assert.equal(kodo.object('demo', 'late'), undefined);
  });

  test('live for a day', async () => {
    const token = client.token({ deadline: Math.floor(now / 1000) + 3 * 86_400 });
    const { body } = await post('/mkblk/10', bytes(10), token);
    now += 86_400_000 + 1000;
    assert.equal((await post('/mkfile/10', String(body['ctx']), token)).status, 701);
  });
});
