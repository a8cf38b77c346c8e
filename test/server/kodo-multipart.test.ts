import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkPartSizes } from '../../demo-server/kodo/src/upload/multipart-upload.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes, sha256 } from '../support/test-data.js';
import {
  blobsIn,
  innerOf,
  KodoClient,
  MIB,
  openRequest,
  putAll,
  replyOf,
  startBusiness,
  until,
} from './kodo-client.js';

let folder: string;
let kodo: Kodo;
let client: KodoClient;
let now = Date.now();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-multipart-'));
  kodo = await startKodo({ folder, now: () => now, buckets: [{ name: 'demo' }, { name: 'other' }] });
  client = new KodoClient(kodo);
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the object’s name in the path', () => {
  test('is ~ for no key: saveKey or the hash names it', async () => {
    const token = client.token({ saveKey: 'saved/$(fname)' });
    const upload = await client.initiate(undefined, token);
    const { status, body } = await upload.complete(await putAll(upload, [bytes(10)]), { fname: 'a.txt' });
    assert.deepEqual([status, body['key']], [200, 'saved/a.txt']);
    const hashed = await client.initiate(undefined, client.token());
    const reply = await hashed.complete(await putAll(hashed, [bytes(11)]));
    assert.equal(reply.body['key'], reply.body['hash']);
  });

  test('is empty for an empty key', async () => {
    const upload = await client.initiate('', client.token({ scope: 'demo:' }));
    assert.match(upload.path, /^\/uploads\//);
    const { status, body } = await upload.complete(await putAll(upload, [bytes(12)]));
    assert.deepEqual([status, body['key']], [200, '']);
  });

  test('may be padded, unpadded, or percent-encoded in its padding', async () => {
    const token = client.token({ scope: 'demo:k1' });
    for (const object of ['azE=', 'azE', 'azE%3D']) {
      assert.equal((await client.call('POST', `${object}/uploads`, token)).status, 200);
    }
  });

  test('must be the same in all calls, and the token’s', async () => {
    const upload = await client.initiate('one', client.token());
    const two = Buffer.from('two').toString('base64url');
    const other = client.resume(two, upload.uploadId, client.token());
    assert.deepEqual([(await other.put(1, bytes(10))).status, (await other.list()).status], [612, 612]);
    const foreign = client.resume(upload.object, upload.uploadId, client.token({ scope: 'demo:two' }));
    const refused = await foreign.put(1, bytes(10));
    assert.deepEqual([refused.status, refused.text], [403, `{"error":"key doesn't match with scope"}`]);
  });
});

describe('a call', () => {
  test('needs a token of its own', async () => {
    const upload = await client.initiate('bare', client.token());
    const calls = [
      ['POST', `${upload.object}/uploads`],
      ['PUT', `${upload.path}/1`],
      ['GET', upload.path],
      ['POST', upload.path],
      ['DELETE', upload.path],
    ] as const;
    for (const [method, path] of calls) {
      const reply = await replyOf(await fetch(`${kodo.origin}/buckets/demo/objects/${path}`, { method }));
      assert.deepEqual([reply.status, reply.text], [401, '{"error":"token not specified"}'], `${method} ${path}`);
    }
    assert.equal((await client.call('GET', upload.path, 'a:b:c')).text, '{"error":"bad token"}');
  });

  test('to a bucket that is not the token’s is refused', async () => {
    const token = client.token({ scope: 'other' });
    const refused = await client.call('POST', '~/uploads', token);
    assert.deepEqual([refused.status, refused.text], [401, '{"error":"bad token"}']);
    const unknown = await client.call('POST', '~/uploads', client.token({ scope: 'nowhere' }));
    assert.deepEqual([unknown.status, unknown.text], [631, '{"error":"no such bucket"}']);
    const headers = { authorization: `UpToken ${client.token()}` };
    const path = `${kodo.origin}/buckets/nowhere/objects/~/uploads`;
    assert.equal((await fetch(path, { method: 'POST', headers })).status, 631);
  });

  test('with a key of more than 750 bytes is refused at once', async () => {
    const object = Buffer.from('长'.repeat(251)).toString('base64url');
    const { status, text } = await client.call('POST', `${object}/uploads`, client.token());
    assert.deepEqual([status, text], [414, '{"error":"key too long"}']);
  });
});

describe('a part', () => {
  test('without bytes is a part; as the last it leaves the hash alone', async () => {
    const upload = await client.initiate('zero', client.token());
    const parts = await putAll(upload, [bytes(4 * MIB), Buffer.alloc(0)]);
    assert.equal(parts[1]?.etag, 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ');
    const { status, body } = await upload.complete(parts);
    const byForm = await client.postForm({ token: client.token(), key: 'zero-form' }, bytes(4 * MIB));
    assert.deepEqual([status, body['hash']], [200, byForm.body['hash']]);
  });

  test('alone and empty makes an empty object', async () => {
    const upload = await client.initiate('nothing', client.token());
    const { body } = await upload.complete(await putAll(upload, [Buffer.alloc(0)]));
    assert.equal(body['hash'], 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ');
    assert.equal((await client.stored('nothing')).length, 0);
  });

  for (const number of ['0', '10001', '-1', '1e3', '0x1', 'a', '1.5']) {
    test(`of number ${number} is refused with 400`, async () => {
      const upload = await client.initiate('numbers', client.token());
      assert.equal((await upload.put(number, bytes(10))).status, 400);
    });
  }

  test('of number 10000 is taken, and the same number again replaces it', async () => {
    const upload = await client.initiate('replaced', client.token());
    await upload.put(10_000, bytes(10, 1));
    const before = (await blobsIn(folder)).length;
    const second = await upload.put(10_000, bytes(10, 2));
    assert.equal((await blobsIn(folder)).length, before);
    assert.equal((await upload.complete([{ partNumber: 10_000, etag: second.body['etag'] }])).status, 200);
    assert.deepEqual(await client.stored('replaced'), bytes(10, 2));
  });

  test('shows its MD5 in hex and takes Content-MD5 in hex or base64', async () => {
    const upload = await client.initiate('md5', client.token());
    const hello = Buffer.from('hello');
    for (const md5 of ['5d41402abc4b2a76b9719d911017c592', 'XUFAKrxLKna5cZ2REBfFkg==']) {
      const { status, body } = await upload.put(1, hello, { 'content-md5': md5 });
      assert.deepEqual([status, body['etag']], [200, 'Fqr0xh3cxeii2r7eDztILNmuqUNN']);
      assert.equal(body['md5'], '5d41402abc4b2a76b9719d911017c592');
    }
    const wrong = await upload.put(1, bytes(10), { 'content-md5': '5d41402abc4b2a76b9719d911017c592' });
    assert.deepEqual([wrong.status, wrong.text], [406, '{"error":"md5 check error"}']);
  });

  test('that breaks off leaves nothing, and no part', async () => {
    const token = client.token();
    const upload = await client.initiate('cut', token);
    const stays = (await blobsIn(folder)).length;
    const sent = openRequest(kodo.origin, 'PUT', `/buckets/demo/objects/${upload.path}/1`, {
      authorization: `UpToken ${token}`,
      'content-length': MIB,
    });
    await sent.write(bytes(500_000));
    await until(() => (kodo.requests.at(-1)?.bytes ?? 0) > 0);
    sent.cut();
    await until(() => kodo.requests.at(-1)?.aborted === true);
    await until(async () => (await blobsIn(folder)).length === stays);
    assert.deepEqual((await upload.list()).body['parts'], []);
  });
});

describe('the list of parts', () => {
  test('is paged by number, and says 0 when it is at its end', async () => {
    const upload = await client.initiate('listed', client.token());
    await putAll(upload, [bytes(1), bytes(2), bytes(3)]);
    const numbers = (body: Readonly<Record<string, unknown>>): number[] =>
      (body['parts'] as { readonly partNumber: number }[]).map(({ partNumber }) => partNumber);
    const first = await upload.list('?max-parts=2');
    assert.deepEqual([numbers(first.body), first.body['partNumberMarker']], [[1, 2], 2]);
    const rest = await upload.list('?max-parts=2&part-number-marker=2');
    assert.deepEqual([numbers(rest.body), rest.body['partNumberMarker']], [[3], 0]);
    assert.deepEqual(numbers((await upload.list('?part-number_marker=1')).body), [2, 3]);
    const statuses = ['?max-parts=0', '?max-parts=1001', '?max-parts=a', '?part-number-marker=-1'].map(
      async (query) => (await upload.list(query)).status,
    );
    assert.deepEqual(await Promise.all(statuses), [400, 400, 400, 400]);
  });

  test('names each part with its size, its hash and its time, and is empty at first', async () => {
    const token = client.token({ deadline: Math.floor(now / 1000) + 60 });
    const upload = await client.initiate('fields', token);
    const expireAt = Math.floor(now / 1000) + 604_800;
    const empty = { uploadId: upload.uploadId, expireAt, partNumberMarker: 0, parts: [] };
    assert.deepEqual((await upload.list()).body, empty);
    const { body } = await upload.put(7, bytes(10));
    const part = { size: 10, etag: body['etag'], partNumber: 7, putTime: Math.floor(now / 1000) };
    assert.deepEqual((await upload.list()).body, { ...empty, parts: [part] });
  });
});

describe('several uploads of one key', () => {
  test('do not know of each other', async () => {
    const token = client.token({ scope: 'demo:shared' });
    const [one, two] = [await client.initiate('shared', token), await client.initiate('shared', token)];
    assert.notEqual(one.uploadId, two.uploadId);
    const [first] = await putAll(one, [bytes(10, 1)]);
    const [second] = await putAll(two, [bytes(10, 2)]);
    assert.equal((await two.complete([first])).status, 400);
    assert.equal((await one.complete([first])).status, 200);
    assert.deepEqual(await client.stored('shared'), bytes(10, 1));
    assert.equal((await two.complete([second])).status, 200);
    assert.deepEqual(await client.stored('shared'), bytes(10, 2));
  });
});

describe('abort', () => {
  test('answers {}, and takes the parts away', async () => {
    const stays = (await blobsIn(folder)).length;
    const upload = await client.initiate('aborted', client.token());
    const parts = await putAll(upload, [bytes(10)]);
    const { status, text } = await upload.abort();
    assert.deepEqual([status, text, (await blobsIn(folder)).length], [200, '{}', stays]);
    const statuses = [
      await upload.put(1, bytes(10)),
      await upload.list(),
      await upload.complete(parts),
      await upload.abort(),
    ];
    assert.deepEqual(
      statuses.map((reply) => reply.status),
      [612, 612, 612, 612],
    );
  });
});

describe('complete', () => {
  test('judges the deadline again at its end', async () => {
    const token = client.token({ deadline: Math.floor(now / 1000) + 60 });
    const upload = await client.initiate('slow', token);
    const json = JSON.stringify({ parts: await putAll(upload, [bytes(10)]) });
    const sent = openRequest(kodo.origin, 'POST', `/buckets/demo/objects/${upload.path}`, {
      authorization: `UpToken ${token}`,
      'content-length': json.length,
    });
    await sent.write(Buffer.from(json.slice(0, 5)));
    await until(() => kodo.requests.at(-1)?.bytes === 5);
    now += 90_000;
    sent.end(Buffer.from(json.slice(5)));
    const { status, text } = await sent.response;
    now -= 90_000;
    assert.equal(status, 401);
    assert.match(text, /^\{"error":"token expired \d+ seconds ago"\}$/);
  });

  test('may leave parts and numbers out', async () => {
    const upload = await client.initiate('gaps', client.token());
    const etags = new Map<number, unknown>();
    for (const number of [2, 5, 9]) etags.set(number, (await upload.put(number, bytes(MIB, number))).body['etag']);
    const parts = [2, 9].map((partNumber) => ({ partNumber, etag: etags.get(partNumber) }));
    assert.equal((await upload.complete(parts)).status, 200);
    assert.deepEqual(await client.stored('gaps'), Buffer.concat([bytes(MIB, 2), bytes(MIB, 9)]));
  });

  test('refuses a part of more than 1 GiB, and one but the last of less than 1 MiB', () => {
    checkPartSizes([MIB, 1024 * MIB, 0]);
    assert.throws(() => checkPartSizes([MIB, 1024 * MIB + 1]), { status: 400, message: 'part size too large' });
    assert.throws(() => checkPartSizes([MIB - 1, MIB]), { status: 400, message: 'part size too small' });
  });

  test('holds fsizeMin and mimeLimit against the whole', async () => {
    const upload = await client.initiate('whole', client.token());
    const parts = await putAll(upload, [bytes(100)]);
    const complete = async (policy: Record<string, unknown>): Promise<string> =>
      (
        await client
          .resume(upload.object, upload.uploadId, client.token(policy))
          .complete(parts, { mimeType: 'image/png' })
      ).text;
    assert.equal(await complete({ fsizeMin: 101 }), '{"error":"request entity size is smaller than FsizeMin"}');
    assert.equal(
      await complete({ mimeLimit: 'image/*' }),
      '{"error":"limited mimeType: this file type (application/octet-stream) is forbidden to upload"}',
    );
    assert.match(await complete({ fsizeMin: 100, mimeLimit: 'application/*' }), /"key":"whole"/);
  });

  test('adds where the scope is a bucket, and overwrites where it names the key', async () => {
    const put = async (seed: number, policy = {}): Promise<number> => {
      const upload = await client.initiate('over', client.token(policy));
      return (await upload.complete(await putAll(upload, [bytes(10, seed)]))).status;
    };
    assert.deepEqual([await put(1), await put(1), await put(2)], [200, 200, 614]);
    assert.deepEqual(await client.stored('over'), bytes(10, 1));
    assert.equal(await put(3, { scope: 'demo:over' }), 200);
    assert.deepEqual(await client.stored('over'), bytes(10, 3));
  });

  test('takes the headers of downloads', async () => {
    const upload = await client.initiate('headed', client.token());
    const fields = {
      cacheControl: 'max-age=7',
      contentDisposition: 'attachment; filename="图.bin"',
      contentEncoding: 'identity',
      contentLanguage: 'zh-CN',
      expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
      metadata: { 'x-qn-meta-place': '西湖 100%' },
    };
    assert.equal((await upload.complete(await putAll(upload, [bytes(10)]), fields)).status, 200);
    const { headers } = await fetch(`${kodo.domain('demo')}/headed`);
    const names = [
      'cache-control',
      'content-disposition',
      'content-encoding',
      'content-language',
      'expires',
      'x-qn-meta-place',
    ];
    assert.deepEqual(
      names.map((name) => headers.get(name)),
      [
        'max-age=7',
        'attachment; filename="%E5%9B%BE.bin"',
        'identity',
        'zh-CN',
        'Wed, 21 Oct 2026 07:28:00 GMT',
        '%E8%A5%BF%E6%B9%96 100%',
      ],
    );
    assert.equal(kodo.object('demo', 'headed')?.metadata['x-qn-meta-place'], '西湖 100%');
  });

  test('takes numbers as custom variables, metadata and headers', async () => {
    const returnBody = '{"n":$(x:n),"s":"$(x:s)","f":$(fname),"t":$(mimeType)}';
    const upload = await client.initiate('fields', client.token({ returnBody }));
    const { status, body } = await upload.complete(await putAll(upload, [bytes(10)]), {
      fname: 'a.bin',
      mimeType: 'a/b',
      customVars: { 'x:n': 5, 'x:s': 'text', other: 'ignored' },
      metadata: { 'x-qn-meta-a': 'b' },
      cacheControl: 'no-cache',
    });
    assert.deepEqual([status, body], [200, { n: '5', s: 'text', f: 'a.bin', t: 'a/b' }]);
    const { headers } = await fetch(`${kodo.domain('demo')}/fields`);
    assert.deepEqual([headers.get('x-qn-meta-a'), headers.get('cache-control')], ['b', 'no-cache']);
  });

  const refusals: readonly [string, string, string][] = [
    ['no JSON', 'parts', 'invalid argument'],
    ['null', 'null', 'invalid argument'],
    ['no parts', '{}', "parts param can't be empty"],
    ['a part that is a text', '{"parts":["a"]}', 'invalid argument'],
    ['a custom variable that is an object', '{"parts":[PART],"customVars":{"x:a":{"toString":1}}}', 'invalid argument'],
    ['a name that is a number', '{"parts":[PART],"fname":1}', 'invalid argument'],
    ['a type no header can carry', '{"parts":[PART],"mimeType":"a/b\\r\\nc: d"}', 'invalid argument'],
    ['metadata in two lines', '{"parts":[PART],"metadata":{"x-qn-meta-a":"a\\r\\nb"}}', 'invalid argument'],
    ['a bad metadata name', '{"parts":[PART],"metadata":{"x-qn-meta-":"a"}}', 'invalid argument'],
    ['the same part twice', '{"parts":[PART,PART]}', 'invalid parts order'],
  ];
  for (const [name, json, text] of refusals) {
    test(`refuses ${name} with 400, and the upload goes on`, async () => {
      const upload = await client.initiate('refused', client.token());
      const [part] = await putAll(upload, [bytes(10)]);
      const sent = json.replaceAll('PART', JSON.stringify(part));
      const reply = await client.call('POST', upload.path, client.token(), sent);
      assert.deepEqual([reply.status, reply.body['error']], [400, text]);
      assert.equal((await upload.complete([part])).status, 200);
    });
  }

  test('holds the policy’s limits, and may be tried again after a refusal', async () => {
    const upload = await client.initiate('limits', client.token());
    const parts = await putAll(upload, [bytes(100)]);
    const strict = client.resume(upload.object, upload.uploadId, client.token({ fsizeLimit: 99 }));
    const refused = await strict.complete(parts);
    assert.deepEqual([refused.status, refused.text], [413, '{"error":"exceed FsizeLimit"}']);
    assert.equal((await upload.complete(parts)).status, 200);
  });

  test('twice at once stores one whole object and answers 612 to the other', async () => {
    const data = [bytes(MIB), bytes(10)];
    const upload = await client.initiate('twice', client.token({ scope: 'demo:twice' }));
    const parts = await putAll(upload, data);
    const replies = await Promise.all([upload.complete(parts), upload.complete(parts), upload.complete(parts)]);
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 612, 612]);
    assert.equal(sha256(await client.stored('twice')), sha256(Buffer.concat(data)));
  });

  test('waiting for its callback is not disturbed by a late part or an abort', async () => {
    const business = await startBusiness();
    try {
      business.answer = 'silence';
      const policy = { callbackUrl: business.url, callbackBody: 'k=$(key)' };
      const upload = await client.initiate('late', client.token(policy));
      const parts = await putAll(upload, [bytes(10)]);
      const completing = upload.complete(parts);
      await until(() => business.seen.length === 1);
      assert.deepEqual([(await upload.put(1, bytes(20))).status, (await upload.abort()).status], [612, 612]);
      business.close();
      const { status, ...reply } = await completing;
      assert.equal(status, 579);
      assert.equal(innerOf({ status, ...reply })['key'], 'late');
      assert.deepEqual(await client.stored('late'), bytes(10));
      assert.equal((await upload.complete(parts)).status, 612);
    } finally {
      business.close();
    }
  });
});

describe('an upload id', () => {
  test('lives for seven days', async () => {
    const token = client.token({ deadline: Math.floor(now / 1000) + 9 * 86_400 });
    const upload = await client.initiate('week', token);
    now += 7 * 86_400_000 - 1000;
    assert.equal((await upload.put(1, bytes(10))).status, 200);
    now += 3000;
    const over = await upload.put(1, bytes(10));
    assert.deepEqual([over.status, over.text], [612, '{"error":"no such uploadId"}']);
    const stays = (await blobsIn(folder)).length;
    await client.initiate('next', token); // takes the occasion to clear away
    assert.ok((await blobsIn(folder)).length < stays);
  });

  test('and its parts survive a restart; what belongs to nothing does not', async () => {
    const home = await mkdtemp(join(tmpdir(), 'kodo-restart-'));
    try {
      const first = await startKodo({ folder: home });
      const token = new KodoClient(first).token();
      const begun = await new KodoClient(first).initiate('restarted', token);
      const [one] = await putAll(begun, [bytes(MIB)]);
      const done = await new KodoClient(first).initiate('done', token);
      const doneParts = await putAll(done, [bytes(7)]);
      await done.complete(doneParts);
      const broken = openRequest(first.origin, 'PUT', `/buckets/demo/objects/${begun.path}/2`, {
        authorization: `UpToken ${token}`,
        'content-length': MIB,
      });
      await broken.write(bytes(1000));
      await first.close();
      assert.equal((await blobsIn(home)).length, 2);

      await writeFile(join(home, 'blobs', 'left-by-a-crash'), 'half a part');
      await appendFile(join(home, 'uploads', begun.uploadId), '{"partNumber":9,"fi'); // a line that a crash tore
      const second = await startKodo({ folder: home });
      assert.equal((await blobsIn(home)).length, 2);
      const again = new KodoClient(second).resume(begun.object, begun.uploadId, token);
      const two = await again.put(2, bytes(10));
      const { status } = await again.complete([one, { partNumber: 2, etag: two.body['etag'] }]);
      assert.equal(status, 200);
      assert.deepEqual(await new KodoClient(second).stored('restarted'), Buffer.concat([bytes(MIB), bytes(10)]));
      const over = new KodoClient(second).resume(done.object, done.uploadId, token);
      assert.equal((await over.complete(doneParts)).status, 612);
      await second.close();
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
