import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { blobsIn, KodoClient, type Reply } from './kodo-client.js';
import { base64, entry, manage } from './management-client.js';

let kodo: Kodo;
let client: KodoClient;
let folder: string;
let now = Date.now();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-objects-'));
  kodo = await startKodo({
    folder,
    now: () => now,
    restoreTime: 1000,
    buckets: [{ name: 'demo' }, { name: 'listed' }, { name: 'other' }],
  });
  client = new KodoClient(kodo);
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true });
});

const put = async (key: string, data = bytes(10), bucket = 'demo', fields = {}): Promise<void> => {
  const reply = await client.postForm(
    { token: client.token({ scope: `${bucket}:${key}`, deadline: 4_102_444_800 }), key, ...fields },
    data,
    'a.txt',
  );
  assert.equal(reply.status, 200, reply.text);
};
const call = (path: string, options = {}): Promise<Reply> => manage(kodo, path, options);
const stat = async (key: string, bucket = 'demo'): Promise<Readonly<Record<string, unknown>>> =>
  (await call(`/stat/${entry(bucket, key)}`)).body;
const stored = async (bucket: string, key: string): Promise<Buffer> => {
  const object = kodo.object(bucket, key);
  assert.ok(object, `${key} is stored`);
  return buffer(kodo.read(object));
};

describe('list', () => {
  const KEYS = ['a/1', 'a/2', 'a/b/3', 'b', 'c', '中', '\u{1F600}'];
  before(async () => {
    for (const key of [...KEYS].reverse()) await put(key, bytes(3), 'listed');
  });
  const list = async (query: string): Promise<Readonly<Record<string, unknown>>> => {
    const reply = await call(`/list?bucket=listed${query}`, { method: 'GET' });
    assert.equal(reply.status, 200, reply.text);
    return reply.body;
  };
  const keysIn = (body: Readonly<Record<string, unknown>>): string[] =>
    (body['items'] as { key: string }[]).map(({ key }) => key);

  test('is in the order of the keys’ bytes, and has each object’s facts', async () => {
    const body = await list('');
    assert.deepEqual(keysIn(body), KEYS);
    assert.deepEqual(Object.keys(body), ['items']);
    const [first] = body['items'] as Record<string, unknown>[];
    const { hash, md5, putTime, ...rest } = first ?? {};
    assert.deepEqual(rest, { key: 'a/1', fsize: 3, mimeType: 'text/plain', type: 0, status: 0 });
    assert.ok(typeof hash === 'string' && typeof md5 === 'string' && typeof putTime === 'number');
  });

  test('comes in pages, each going on where the marker says', async () => {
    const seen: string[] = [];
    let marker = '';
    do {
      const body = await list(`&limit=3&marker=${marker}`);
      seen.push(...keysIn(body));
      marker = (body['marker'] as string | undefined) ?? '';
    } while (marker !== '');
    assert.deepEqual(seen, KEYS);
  });

  test('takes a prefix, and puts keys together at a delimiter', async () => {
    assert.deepEqual(keysIn(await list('&prefix=a/')), ['a/1', 'a/2', 'a/b/3']);
    const top = await list('&delimiter=/');
    assert.deepEqual([top['commonPrefixes'], keysIn(top)], [['a/'], ['b', 'c', '中', '\u{1F600}']]);
    const below = await list('&prefix=a/&delimiter=/');
    assert.deepEqual([below['commonPrefixes'], keysIn(below)], [['a/b/'], ['a/1', 'a/2']]);
    const first = await list('&delimiter=/&limit=1');
    assert.deepEqual([first['commonPrefixes'], keysIn(first)], [['a/'], []]);
    assert.deepEqual(keysIn(await list(`&delimiter=/&limit=1&marker=${String(first['marker'])}`)), ['b']);
  });

  test('comes as lines too, none for nothing', async () => {
    const lines = await call('/v2/list?bucket=listed&delimiter=/&limit=2');
    const [prefix, item] = lines.text
      .split('\n')
      .map((line) => (line === '' ? {} : JSON.parse(line)) as Record<string, unknown>);
    assert.deepEqual([prefix?.['dir'], prefix?.['item']], ['a/', null]);
    assert.deepEqual([item?.['dir'], (item?.['item'] as { key: string }).key], ['', 'b']);
    assert.ok(String(item?.['marker']) !== '');
    assert.deepEqual(
      [(await call('/v2/list?bucket=listed&prefix=none')).text, lines.headers.get('content-type')],
      ['', 'text/plain; charset=utf-8'],
    );
  });

  test('refuses a limit, a marker and a bucket that are none', async () => {
    const status = async (query: string): Promise<number> => (await call(`/list?${query}`, { method: 'GET' })).status;
    assert.equal(await status('bucket=listed&limit=1001'), 400);
    assert.equal(await status('bucket=listed&limit=-1'), 400);
    assert.equal(await status('bucket=listed&marker=nonsense'), 640);
    assert.equal(await status('bucket=none'), 631);
  });
});

describe('copy and move', () => {
  test('refuse a key that is taken unless they are forced', async () => {
    await put('from', bytes(10, 1));
    await put('taken', bytes(10, 2));
    for (const verb of ['copy', 'move']) {
      const path = `/${verb}/${entry('demo', 'from')}/${entry('demo', 'taken')}`;
      assert.deepEqual([(await call(path)).status, (await call(`${path}/force/false`)).status], [614, 614]);
    }
    const copy = await call(`/copy/${entry('demo', 'from')}/${entry('demo', 'taken')}/force/true`);
    assert.deepEqual([copy.status, await stored('demo', 'taken')], [200, bytes(10, 1)]);
    assert.equal((await call(`/copy/${entry('demo', 'from')}/${entry('demo', 'from')}`)).status, 614);
    assert.equal((await call(`/copy/${entry('demo', 'from')}/${entry('demo', 'from')}/force/true`)).status, 200);
    assert.deepEqual(await stored('demo', 'from'), bytes(10, 1));
  });

  test('go from bucket to bucket, with metadata, and refuse what is not there', async () => {
    await put('crossing', bytes(10), 'demo', { 'x-qn-meta-colour': 'blue' });
    assert.equal((await call(`/copy/${entry('demo', 'crossing')}/${entry('other', 'copied')}`)).status, 200);
    assert.deepEqual((await stat('copied', 'other'))['x-qn-meta'], { colour: 'blue' });
    assert.equal((await call(`/move/${entry('demo', 'crossing')}/${entry('other', 'moved')}`)).status, 200);
    assert.equal(kodo.object('demo', 'crossing'), undefined);
    assert.deepEqual(await stored('other', 'moved'), bytes(10));
    assert.equal((await call(`/copy/${entry('demo', 'none')}/${entry('demo', 'x')}`)).status, 612);
    assert.equal((await call(`/copy/${entry('other', 'moved')}/${entry('none', 'x')}`)).status, 631);
  });

  test('share bytes, which stay until the last of them is gone, also over a restart', async () => {
    const place = await mkdtemp(join(tmpdir(), 'kodo-copies-'));
    try {
      const first = await startKodo({ folder: place });
      const token = new KodoClient(first).token();
      await new KodoClient(first).postForm({ token, key: 'one' }, bytes(1000));
      assert.equal((await manage(first, `/copy/${entry('demo', 'one')}/${entry('demo', 'two')}`)).status, 200);
      assert.equal((await blobsIn(place)).length, 1);
      await first.delete('demo', 'one');
      await first.close();
      const second = await startKodo({ folder: place });
      const two = second.object('demo', 'two');
      assert.ok(two);
      assert.deepEqual(await buffer(second.read(two)), bytes(1000));
      await second.delete('demo', 'two');
      assert.deepEqual(await blobsIn(place), []);
      await second.close();
    } finally {
      await rm(place, { recursive: true });
    }
  });
});

describe('what can be changed of an object', () => {
  test('is its type and its metadata, on a condition', async () => {
    await put('chgm', bytes(10), 'demo', { 'x-qn-meta-a': '1' });
    const path = `/chgm/${entry('demo', 'chgm')}`;
    assert.equal((await call(`${path}/mime/${base64('image/png')}`)).status, 200);
    assert.equal(
      (await call(`${path}/x-qn-meta-b/${base64('2')}/x-qn-meta-!Cache-Control/${base64('no-cache')}`)).status,
      200,
    );
    const facts = await stat('chgm');
    assert.deepEqual(
      [facts['mimeType'], facts['x-qn-meta']],
      ['image/png', { a: '1', b: '2', '!Cache-Control': 'no-cache' }],
    );
    assert.equal((await fetch(`${kodo.domain('demo')}/chgm`)).headers.get('cache-control'), 'no-cache');
    const cond = (text: string): string => `${path}/mime/${base64('image/gif')}/cond/${base64(text)}`;
    assert.equal((await call(cond('hash=other'))).status, 613);
    assert.equal((await call(cond(`hash=${String(facts['hash'])}&mime=image/png&fsize=10`))).status, 200);
    assert.equal((await call(cond('size=1'))).status, 400);
    assert.equal((await call(path)).status, 400);
  });

  test('is its storage class', async () => {
    await put('class');
    const path = `/chtype/${entry('demo', 'class')}/type`;
    assert.deepEqual([(await call(`${path}/0`)).status, (await call(`${path}/1`)).status], [200, 200]);
    const again = await call(`${path}/1`);
    assert.deepEqual([again.status, again.text], [400, '{"error":"already in line stat"}']);
    assert.deepEqual([(await call(`${path}/5`)).status, (await call(`${path}/6`)).status], [200, 400]);
    assert.equal((await stat('class'))['type'], 5);
  });

  test('is whether it can be downloaded', async () => {
    await put('status');
    const path = `/chstatus/${entry('demo', 'status')}/status`;
    assert.equal((await call(`${path}/0`)).text, '{"error":"already enabled"}');
    assert.equal((await call(`${path}/1`)).status, 200);
    assert.equal((await stat('status'))['status'], 1);
    assert.equal((await fetch(`${kodo.domain('demo')}/status`)).status, 403);
    assert.equal((await call(`${path}/1`)).text, '{"error":"already disabled"}');
    assert.equal((await call(`${path}/0`)).status, 200);
    assert.deepEqual(
      [(await stat('status'))['status'], (await fetch(`${kodo.domain('demo')}/status`)).status],
      [undefined, 200],
    );
  });

  test('is when it moves to another class, and when it goes', async () => {
    await put('life');
    const path = `/lifecycle/${entry('demo', 'life')}`;
    assert.equal((await call(`${path}/toIAAfterDays/10/toArchiveAfterDays/20/deleteAfterDays/40`)).status, 200);
    const facts = await stat('life');
    for (const name of ['transitionToIA', 'transitionToARCHIVE', 'expiration'])
      assert.equal(typeof facts[name], 'number');
    assert.equal((await call(`${path}/toIAAfterDays/-1`)).status, 200);
    assert.deepEqual(
      [(await stat('life'))['transitionToIA'], facts['transitionToDeepArchive']],
      [undefined, undefined],
    );
    assert.equal(
      (await call(`${path}/deleteAfterDays/1/cond${base64('hash=x')}`)).status,
      200,
      'a name without a value',
    );
    assert.equal((await call(`/deleteAfterDays/${entry('demo', 'life')}/1`)).status, 200);
    const left = Number((await stat('life'))['expiration']) - now / 1000;
    assert.ok(left > 24 * 3600 - 1 && left <= 48 * 3600);
    now += 48 * 3_600_000;
    assert.equal((await call(`/stat/${entry('demo', 'life')}`)).status, 612);
    assert.equal((await call(`/deleteAfterDays/${entry('demo', 'life')}/1`)).status, 612);
  });
});

test('an archived object is frozen, is restored after a while, and freezes again', async () => {
  await put('archived');
  const restore = `/restoreAr/${entry('demo', 'archived')}/freezeAfterDays`;
  assert.equal((await call(`${restore}/1`)).status, 400, 'it is not archived');
  assert.equal((await call(`/chtype/${entry('demo', 'archived')}/type/2`)).status, 200);
  const download = async (): Promise<number> => (await fetch(`${kodo.domain('demo')}/archived`)).status;
  assert.deepEqual([(await stat('archived'))['restoreStatus'], await download()], [undefined, 403]);
  assert.deepEqual([(await call(`${restore}/8`)).status, (await call(`${restore}/1`)).status], [400, 200]);
  assert.deepEqual([(await stat('archived'))['restoreStatus'], await download()], [1, 403]);
  now += 1000;
  assert.deepEqual([(await stat('archived'))['restoreStatus'], await download()], [2, 200]);
  now += 86_400_000;
  assert.deepEqual([(await stat('archived'))['restoreStatus'], await download()], [undefined, 403]);
});

describe('batch', () => {
  test('is 200 where all is well, 298 where something is not', async () => {
    await put('batched');
    const batch = (...operations: string[]): Promise<Reply> =>
      call('/batch', { body: operations.map((operation) => `op=${encodeURIComponent(operation)}`).join('&') });
    assert.equal((await batch(`/stat/${entry('demo', 'batched')}`)).status, 200);
    const mixed = await batch(`stat/${entry('demo', 'batched')}`, `/stat/${entry('demo', 'none')}`, '/nothing/x');
    const outcomes = JSON.parse(mixed.text) as { code: number; data: Record<string, unknown> }[];
    assert.deepEqual([mixed.status, outcomes.map(({ code }) => code)], [298, [200, 612, 400]]);
    assert.deepEqual(outcomes[1]?.data, { error: 'no such file or directory' });
    assert.equal((await call('/batch', { body: 'op' })).status, 298);
    assert.equal((await call('/batch', { body: 'x=1' })).status, 400);
    assert.equal((await batch(...Array.from({ length: 1001 }, () => '/stat/x'))).status, 400);
  });
});
