import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import qiniu from 'qiniu';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes, PNG, sha256 } from '../support/test-data.js';

const MIB = 1024 * 1024;
const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

let kodo: Kodo;
before(async () => {
  kodo = await startKodo({ control: true });
});
after(() => kodo.close());
beforeEach(() => kodo.faults.clear());

function token(policy: Record<string, unknown>): string {
  return signUploadToken(kodo, { scope: 'demo', deadline: inAnHour(), ...policy });
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function reply(response: Response): Promise<Reply> {
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

async function postForm(fields: Readonly<Record<string, string>>, file: Buffer, name = 'a.bin'): Promise<Reply> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new File([new Uint8Array(file)], name));
  return reply(await fetch(`${kodo.origin}/`, { method: 'POST', body: form, headers: { origin: 'http://page' } }));
}

async function multipart(method: string, path: string, uploadToken: string, body?: string | Buffer): Promise<Reply> {
  const init = { method, headers: { authorization: `UpToken ${uploadToken}` } };
  const sent = body === undefined ? init : { ...init, body: new Uint8Array(Buffer.from(body)) };
  return reply(await fetch(`${kodo.origin}/buckets/demo/objects/${path}`, sent));
}

async function stored(key: string): Promise<Buffer> {
  const object = kodo.object('demo', key);
  assert.ok(object, `${key} is stored`);
  return buffer(kodo.read(object));
}

describe('form upload', () => {
  test('stores the bytes and answers hash and key', async () => {
    const data = bytes(100_000);
    const answer = await postForm({ token: token({}), key: '图片/a b.bin' }, data);
    assert.equal(answer.status, 200);
    assert.equal(answer.body['key'], '图片/a b.bin');
    assert.equal(sha256(await stored('图片/a b.bin')), sha256(data));
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('x-reqid') ?? '', /^[\w-]{16}$/);
  });

  test('stores and serves an empty file', async () => {
    const answer = await postForm({ token: token({}), key: 'empty' }, Buffer.alloc(0));
    assert.deepEqual(answer.body, { hash: 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ', key: 'empty' });
    const response = await fetch(`${kodo.domain('demo')}/empty`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '');
  });

  test('names the object by its hash, by saveKey, or by the client', async () => {
    const data = bytes(10, 7);
    const byHash = await postForm({ token: token({}) }, data);
    assert.equal(byHash.body['key'], byHash.body['hash']);
    const saveKey = 'u/$(year)/$(etag)$(ext)';
    const bySaveKey = await postForm({ token: token({ saveKey }) }, data, 'photo.JPG');
    assert.equal(
      bySaveKey.body['key'],
      `u/${new Date(Date.now() + 8 * 3600_000).getFullYear()}/${String(byHash.body['hash'])}.JPG`,
    );
    const forced = await postForm({ token: token({ saveKey: 'forced', forceSaveKey: true }), key: 'mine' }, data);
    assert.equal(forced.body['key'], 'forced');
  });

  test('fills returnBody with escaped variables and the picture’s measures', async () => {
    const returnBody = '{"name":$(fname),"w":$(imageInfo.width),"size":$(fsize),"x":$(x:note),"none":$(exif)}';
    const name = '引"号\\.png';
    const answer = await postForm({ token: token({ returnBody }), 'x:note': 'a"b' }, PNG, name);
    // a form cannot carry a bare quote in a file name: browsers send %22
    assert.equal(answer.body['w'], 1);
    assert.equal(answer.body['size'], PNG.length);
    assert.equal(answer.body['x'], 'a"b');
    assert.equal(answer.body['none'], null);
  });

  const refusals: readonly [string, Record<string, unknown>, Readonly<Record<string, string>>, number, RegExp][] = [
    ['an expired token', { deadline: 1000 }, {}, 401, /expired token/],
    [
      'a deadline in milliseconds read as a date far off',
      { deadline: 'soon' },
      {},
      400,
      /invalid put policy: deadline/,
    ],
    ['another key than the scope’s', { scope: 'demo:mine' }, { key: 'yours' }, 403, /key doesn't match/],
    ['no key where the scope names one', { scope: 'demo:mine' }, {}, 403, /key doesn't match/],
    ['a bucket that does not exist', { scope: 'nowhere' }, {}, 631, /no such bucket/],
    ['a file over fsizeLimit', { fsizeLimit: 10 }, {}, 413, /exceed FsizeLimit/],
    ['a file under fsizeMin', { fsizeMin: 1000 }, {}, 403, /smaller than FsizeMin/],
    ['a type outside mimeLimit', { mimeLimit: 'image/*' }, {}, 403, /forbidden to upload/],
    ['a key of more than 750 bytes', {}, { key: '长'.repeat(251) }, 414, /too long/],
    ['a wrong crc32', {}, { crc32: '1' }, 406, /crc32/],
  ];
  for (const [name, policy, fields, status, message] of refusals) {
    test(`refuses ${name} with ${status}, readable across origins`, async () => {
      const before = kodo.objects('demo').length;
      const answer = await postForm({ token: token(policy), ...fields }, bytes(100));
      assert.equal(answer.status, status);
      assert.match(String(answer.body['error']), message);
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.equal(kodo.objects('demo').length, before);
    });
  }

  test('refuses a token that was tampered with', async () => {
    const [accessKey, signature] = token({}).split(':');
    const other = Buffer.from(JSON.stringify({ scope: 'demo', deadline: inAnHour() + 99_999 })).toString('base64url');
    const answer = await postForm({ token: `${accessKey}:${signature}:${other}` }, bytes(10));
    assert.equal(answer.status, 401);
    assert.equal(answer.body['error'], 'bad token');
  });

  test('with insertOnly answers 614 for other content and 200 for the same', async () => {
    const insert = token({ scope: 'demo:once', insertOnly: 1 });
    assert.equal((await postForm({ token: insert, key: 'once' }, bytes(10, 1))).status, 200);
    assert.equal((await postForm({ token: insert, key: 'once' }, bytes(10, 1))).status, 200);
    const other = await postForm({ token: insert, key: 'once' }, bytes(10, 2));
    assert.deepEqual([other.status, other.body['error']], [614, 'file exists']);
    assert.deepEqual(await stored('once'), bytes(10, 1));
  });

  test('of two different files for one free key stores exactly one', async () => {
    const insert = token({ scope: 'demo:race', insertOnly: 1 });
    const answers = await Promise.all(
      [1, 2, 3, 4].map((seed) => postForm({ token: insert, key: 'race' }, bytes(1000, seed))),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 614, 614, 614]);
  });
});

describe('multipart upload', () => {
  const key = Buffer.from('parts.bin').toString('base64url');

  async function initiate(uploadToken: string): Promise<string> {
    return String((await multipart('POST', `${key}/uploads`, uploadToken)).body['uploadId']);
  }

  test('stores parts in order, lists them, and hashes like a form upload of 4 MiB blocks', async () => {
    const data = bytes(9 * MIB + 1);
    const uploadToken = token({ scope: 'demo:parts.bin' });
    const uploadId = await initiate(uploadToken);
    const parts: { partNumber: number; etag: string }[] = [];
    for (const partNumber of [3, 1, 2]) {
      const part = data.subarray((partNumber - 1) * 4 * MIB, partNumber * 4 * MIB);
      const { body } = await multipart('PUT', `${key}/uploads/${uploadId}/${partNumber}`, uploadToken, part);
      parts.push({ partNumber, etag: String(body['etag']) });
    }
    const listed = await multipart('GET', `${key}/uploads/${uploadId}?max-parts=2`, uploadToken);
    assert.deepEqual(
      (listed.body['parts'] as { partNumber: number }[]).map(({ partNumber }) => partNumber),
      [1, 2],
    );
    assert.equal(listed.body['partNumberMarker'], 2);
    parts.sort((a, b) => a.partNumber - b.partNumber);
    const end = await multipart('POST', `${key}/uploads/${uploadId}`, uploadToken, JSON.stringify({ parts }));
    assert.equal(end.status, 200);
    assert.equal(sha256(await stored('parts.bin')), sha256(data));
    assert.match(String(end.body['hash']), /^l/);
    const again = await multipart('POST', `${key}/uploads/${uploadId}`, uploadToken, JSON.stringify({ parts }));
    assert.equal(again.status, 612);
  });

  test('refuses parts out of order, unknown parts and small parts', async () => {
    const uploadToken = token({ scope: 'demo:parts.bin' });
    const uploadId = await initiate(uploadToken);
    const put = async (partNumber: number): Promise<{ partNumber: number; etag: string }> => {
      const { body } = await multipart(
        'PUT',
        `${key}/uploads/${uploadId}/${partNumber}`,
        uploadToken,
        bytes(10, partNumber),
      );
      return { partNumber, etag: String(body['etag']) };
    };
    const [one, two] = [await put(1), await put(2)];
    const complete = async (parts: unknown): Promise<Reply> =>
      multipart('POST', `${key}/uploads/${uploadId}`, uploadToken, JSON.stringify({ parts }));
    assert.match(String((await complete([two, one])).body['error']), /order/);
    assert.match(String((await complete([{ ...one, etag: two.etag }])).body['error']), /invalid part/);
    assert.match(String((await complete([one, two])).body['error']), /too small/);
    assert.match(String((await complete([])).body['error']), /can't be empty/);
  });

  test('refuses a part whose MD5 differs, and forgets an aborted upload', async () => {
    const uploadToken = token({ scope: 'demo:parts.bin' });
    const uploadId = await initiate(uploadToken);
    const wrong = await fetch(`${kodo.origin}/buckets/demo/objects/${key}/uploads/${uploadId}/1`, {
      method: 'PUT',
      headers: { authorization: `UpToken ${uploadToken}`, 'content-md5': '5d41402abc4b2a76b9719d911017c592' },
      body: new Uint8Array(bytes(10)),
    });
    assert.equal(wrong.status, 406);
    assert.equal((await multipart('DELETE', `${key}/uploads/${uploadId}`, uploadToken)).status, 200);
    assert.equal((await multipart('PUT', `${key}/uploads/${uploadId}/1`, uploadToken, bytes(10))).status, 612);
  });

  test('checks the deadline anew at every call', async () => {
    const uploadToken = token({ scope: 'demo:parts.bin' });
    const uploadId = await initiate(uploadToken);
    const expired = token({ scope: 'demo:parts.bin', deadline: Math.floor(Date.now() / 1000) - 5 });
    const late = await multipart('PUT', `${key}/uploads/${uploadId}/1`, expired, bytes(10));
    assert.equal(late.status, 401);
    assert.match(String(late.body['error']), /^token expired \d+ seconds ago$/);
  });
});

describe('callback', () => {
  let answer = { status: 200, body: '{"id":1}' };
  const seen: { headers: Record<string, unknown>; body: string }[] = [];
  const business = createServer((req, res) => {
    void text(req).then((body) => {
      seen.push({ headers: req.headers, body });
      res.writeHead(answer.status).end(answer.body);
    });
  });
  let callbackUrl: string;
  before(async () => {
    await new Promise<void>((resolve) => business.listen(0, '127.0.0.1', resolve));
    callbackUrl = `http://127.0.0.1:${(business.address() as AddressInfo).port}/callback?shop=1`;
  });
  after(() => business.close());
  beforeEach(() => {
    seen.length = 0;
    answer = { status: 200, body: '{"id":1}' };
  });

  test('relays the business server’s JSON and is accepted by the official SDK’s verifier', async () => {
    const callbackBody = 'key=$(key)&size=$(fsize)&w=$(imageInfo.width)&name=$(fname)';
    const answered = await postForm({ token: token({ callbackUrl, callbackBody }), key: 'a&b.png' }, PNG, '图.png');
    assert.deepEqual([answered.status, answered.body], [200, { id: 1 }]);
    const [request] = seen;
    assert.ok(request);
    assert.equal(request.body, `key=a%26b.png&size=${PNG.length}&w=1&name=%E5%9B%BE.png`);
    assert.equal(request.headers['user-agent'], 'qiniu-callback/1.0');
    const mac = new qiniu.auth.digest.Mac(kodo.accessKey, kodo.secretKey);
    const authorization = String(request.headers['authorization']);
    assert.ok(qiniu.util.isQiniuCallback(mac, callbackUrl, request.body, authorization));
  });

  test('answers 579 with what happened when the callback fails; the object stays', async () => {
    answer = { status: 500, body: '{"error":"database is down"}' };
    const answered = await postForm(
      { token: token({ callbackUrl, callbackBody: 'k=$(key)' }), key: 'kept' },
      bytes(10),
    );
    assert.equal(answered.status, 579);
    const inner = JSON.parse(String(answered.body['error'])) as Record<string, unknown>;
    assert.equal(inner['err_code'], 500);
    assert.equal(inner['error'], 'database is down');
    assert.equal(inner['key'], 'kept');
    assert.ok(kodo.object('demo', 'kept'));
  });

  test('answers 579 when the reply is no JSON and when nobody listens', async () => {
    answer = { status: 200, body: 'ok' };
    const plain = await postForm({ token: token({ callbackUrl, callbackBody: 'k=$(key)' }), key: 'plain' }, bytes(10));
    assert.equal(plain.status, 579);
    const nobody = await postForm(
      { token: token({ callbackUrl: 'http://127.0.0.1:1/', callbackBody: 'k=$(key)' }), key: 'nobody' },
      bytes(10),
    );
    assert.equal(nobody.status, 579);
    assert.match(String(nobody.body['error']), /connection refused/);
  });

  test('tries the next of several callback URLs', async () => {
    const both = `http://127.0.0.1:1/;${callbackUrl}`;
    const answered = await postForm(
      { token: token({ callbackUrl: both, callbackBody: 'k=$(key)' }), key: 'second' },
      bytes(10),
    );
    assert.deepEqual(answered.body, { id: 1 });
  });
});

describe('around an upload', () => {
  test('answers a preflight, also for an unknown path', async () => {
    const response = await fetch(`${kodo.origin}/buckets/demo/objects/~/uploads`, {
      method: 'OPTIONS',
      headers: { origin: 'http://page', 'access-control-request-headers': 'authorization,content-md5' },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('access-control-allow-headers'), 'authorization,content-md5');
    const missing = await fetch(`${kodo.origin}/nothing`, { headers: { origin: 'http://page' } });
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('access-control-allow-origin'), '*');
  });

  test('names its own host in the region query and refuses another account’s bucket', async () => {
    const answer = await reply(await fetch(`${kodo.origin}/v2/query?ak=${kodo.accessKey}&bucket=demo`));
    assert.equal(answer.status, 200);
    const up = answer.body['up'] as { acc: { main: string[] } };
    assert.deepEqual(up.acc.main, [new URL(kodo.origin).host]);
    const wrong = await fetch(`${kodo.origin}/v2/query?ak=${kodo.accessKey}&bucket=nowhere`);
    assert.equal(wrong.status, 631);
  });

  test('serves an object with its type, in ranges, and as an attachment', async () => {
    const data = bytes(5000);
    await postForm({ token: token({}), key: 'dir/文件.txt' }, data, 'x.txt');
    const url = `${kodo.domain('demo')}/dir/${encodeURIComponent('文件.txt')}`;
    const whole = await fetch(`${url}?attname=${encodeURIComponent('下载.txt')}`);
    assert.equal(whole.headers.get('content-type'), 'text/plain');
    assert.match(whole.headers.get('content-disposition') ?? '', /^attachment/);
    assert.equal(sha256(Buffer.from(await whole.arrayBuffer())), sha256(data));
    const range = await fetch(url, { headers: { range: 'bytes=10-19' } });
    assert.equal(range.status, 206);
    assert.equal(range.headers.get('content-range'), 'bytes 10-19/5000');
    assert.deepEqual(Buffer.from(await range.arrayBuffer()), data.subarray(10, 20));
    assert.equal((await fetch(url, { headers: { range: 'bytes=9999-' } })).status, 416);
    assert.equal((await fetch(`${kodo.domain('demo')}/nothing`)).status, 404);
  });

  test('keeps its objects over a restart when it has a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kodo-test-'));
    try {
      const first = await startKodo({ folder });
      const form = new FormData();
      form.set('token', signUploadToken(first, { scope: 'demo', deadline: inAnHour() }));
      form.set('key', 'kept');
      form.set('file', new File(['content'], 'a.txt'));
      assert.equal((await fetch(`${first.origin}/`, { method: 'POST', body: form })).status, 200);
      await first.close();
      const second = await startKodo({ folder });
      assert.equal(await (await fetch(`${second.domain('demo')}/kept`)).text(), 'content');
      await second.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('logs requests without a token, and lets faults be ordered', async () => {
    kodo.faults.add({ kind: 'form', status: 599, times: 1 });
    assert.equal((await postForm({ token: token({}), key: 'faulty' }, bytes(10))).status, 599);
    assert.equal((await postForm({ token: token({}), key: 'faulty' }, bytes(10))).status, 200);
    const log = await (await fetch(`${kodo.origin}/_kodo/requests`)).text();
    assert.match(log, /"status":599/);
    assert.ok(!log.includes(kodo.accessKey));
  });
});
