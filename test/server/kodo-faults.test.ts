import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, afterEach, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import type { Fault } from '../../demo-server/kodo/src/faults.js';
import { bytes } from '../support/test-data.js';
import {
  BOUNDARY,
  encodeForm,
  KodoClient,
  MIB,
  openRequest,
  putAll,
  replyOf,
  until,
  type Reply,
} from './kodo-client.js';

let kodo: Kodo;
let client: KodoClient;
before(async () => {
  kodo = await startKodo({ control: true });
  client = new KodoClient(kodo);
});
after(() => kodo.close());
afterEach(() => kodo.faults.clear());

const form = async (key = 'a'): Promise<Reply> =>
  client.postForm({ token: client.token({ scope: `demo:${key}` }), key }, bytes(10));

async function order(faults: unknown, method = 'POST'): Promise<Reply> {
  const body = typeof faults === 'string' ? faults : JSON.stringify(faults);
  return replyOf(await fetch(`${kodo.origin}/_kodo/faults`, { method, ...(method === 'POST' ? { body } : {}) }));
}

describe('which requests a fault meets', () => {
  test('the nth of a kind, so many times', async () => {
    kodo.faults.add({ kind: 'form', status: 503, skip: 1, times: 2 });
    const statuses: number[] = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await form()).status);
    assert.deepEqual(statuses, [200, 503, 503, 200, 200]);
    assert.deepEqual(
      kodo.faults.list().map(({ matched, met }) => [matched, met]),
      [[5, 2]],
    );
  });

  test('a part by its number, an object by its key, a kind by its method', async () => {
    kodo.faults.add(
      { kind: 'part', partNumber: 2, status: 502 },
      { kind: 'form', key: 'other', status: 500 },
      { method: 'DELETE', status: 504 },
    );
    const upload = await client.initiate('parts', client.token());
    assert.deepEqual([(await upload.put(1, bytes(1))).status, (await upload.put(2, bytes(1))).status], [200, 502]);
    assert.equal((await form('mine')).status, 200);
    assert.equal((await upload.abort()).status, 504);
  });

  test('a share of them, the same for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      kodo.faults.clear();
      kodo.faults.add({ kind: 'query', share: 0.5, seed, status: 503 });
      const statuses: number[] = [];
      for (let call = 0; call < 30; call += 1) statuses.push((await fetch(`${kodo.origin}/v2/query`)).status);
      return statuses.map((status) => (status === 503 ? 'x' : '.')).join('');
    };
    const [one, again, other] = [await run(1), await run(1), await run(2)];
    assert.equal(one, again);
    assert.notEqual(one, other);
    assert.match(one, /x.*\.|\..*x/);
  });

  test('a preflight only where it is named', async () => {
    const preflight = async (): Promise<number> =>
      (await fetch(`${kodo.origin}/`, { method: 'OPTIONS', headers: { origin: 'http://page' } })).status;
    kodo.faults.add({ status: 500, times: 0 });
    assert.equal(await preflight(), 200);
    kodo.faults.add({ kind: 'preflight', status: 403 });
    assert.equal(await preflight(), 403);
  });
});

describe('what a fault does', () => {
  test('answers a status in Kodo’s words, with headers, readable across origins', async () => {
    kodo.faults.add({ kind: 'query', status: 599, headers: { 'retry-after': '3' } });
    const reply = await replyOf(await fetch(`${kodo.origin}/v2/query`, { headers: { origin: 'http://page' } }));
    assert.deepEqual([reply.status, reply.text], [599, '{"error":"server operation failed"}']);
    assert.equal(reply.headers.get('retry-after'), '3');
    assert.equal(reply.headers.get('access-control-allow-origin'), '*');
  });

  test('does the work and answers 200 with what is no JSON', async () => {
    kodo.faults.add({ kind: 'form', body: '<html>' });
    const { status, text } = await form('worked');
    assert.deepEqual([status, text], [200, '<html>']);
    assert.ok(kodo.object('demo', 'worked'));
  });

  test('does the work and loses the reply', async () => {
    kodo.faults.add({ kind: 'form', loseReply: true });
    await assert.rejects(form('lost'), TypeError);
    assert.ok(kodo.object('demo', 'lost'));
  });

  test('breaks the connection at once, also where there is no body', async () => {
    kodo.faults.add({ kind: 'initiate', dropAtByte: 0 });
    await assert.rejects(client.initiate('dropped', client.token()), TypeError);
    assert.equal(kodo.requests.at(-1)?.status, undefined);
  });

  test('breaks the connection once so many bytes are in', async () => {
    const upload = await client.initiate('broken', client.token());
    kodo.faults.add({ kind: 'part', dropAtByte: 300_000 });
    await assert.rejects(upload.put(1, bytes(MIB)), TypeError);
    const { bytes: arrived = 0, status } = kodo.requests.at(-1) ?? {};
    assert.ok(arrived >= 300_000 && arrived < MIB, `${arrived}`);
    assert.equal(status, undefined);
    assert.deepEqual((await upload.list()).body['parts'], []);
  });

  test('stops reading at a byte, and the connection stays open', async () => {
    const token = client.token();
    const upload = await client.initiate('stalled', token);
    kodo.faults.add({ kind: 'part', stallAtByte: 1000 });
    const sent = openRequest(kodo.origin, 'PUT', `/buckets/demo/objects/${upload.path}/1`, {
      authorization: `UpToken ${token}`,
      'content-length': 64 * MIB,
    });
    void sent.write(bytes(32 * MIB)); // never all of it is taken
    await until(() => (kodo.requests.at(-1)?.bytes ?? 0) >= 1000);
    const { bytes: arrived = 0 } = kodo.requests.at(-1) ?? {};
    assert.ok(arrived < 32 * MIB);
    assert.equal(kodo.requests.at(-1)?.endedAt, undefined);
    sent.cut();
    await until(() => kodo.requests.some(({ kind, aborted }) => kind === 'part' && aborted));
  });

  test('delays, and slows the body down', async () => {
    kodo.faults.add({ kind: 'query', delay: 60 });
    const started = performance.now();
    await fetch(`${kodo.origin}/v2/query`);
    assert.ok(performance.now() - started >= 55);
    kodo.faults.add({ kind: 'form', bytesPerSecond: 1_000_000 });
    const begun = performance.now();
    await client.postForm({ token: client.token() }, bytes(100_000));
    assert.ok(performance.now() - begun >= 95);
  });

  test('leaves CORS or the request id out', async () => {
    kodo.faults.add({ kind: 'query', withoutCors: true }, { kind: 'query', withoutReqid: true });
    const { headers } = await fetch(`${kodo.origin}/v2/query`, { headers: { origin: 'http://page' } });
    assert.deepEqual([headers.get('access-control-allow-origin'), headers.get('x-reqid')], [null, null]);
  });

  test('answers a part with another’s etag', async () => {
    const upload = await client.initiate('etag', client.token());
    kodo.faults.add({ kind: 'part', wrongEtag: true });
    const parts = await putAll(upload, [bytes(10)]);
    assert.deepEqual((await upload.complete(parts)).text, '{"error":"invalid part"}');
  });

  test('forgets an upload for good', async () => {
    const upload = await client.initiate('forgotten', client.token());
    kodo.faults.add({ kind: 'part', skip: 1, forgetUpload: true });
    assert.equal((await upload.put(1, bytes(10))).status, 200);
    const gone = await upload.put(2, bytes(10));
    assert.deepEqual([gone.status, gone.text], [612, '{"error":"no such uploadId"}']);
    assert.equal((await upload.list()).status, 612);
  });

  test('sees a token as expired once', async () => {
    kodo.faults.add({ kind: 'form', expireToken: 'once' });
    assert.equal((await form()).text, '{"error":"expired token"}');
    assert.equal((await form()).status, 200);
  });

  test('sees one token as expired from the nth call on, and takes a renewed one', async () => {
    const upload = await client.initiate('renewed', client.token());
    kodo.faults.add({ kind: 'part', skip: 1, expireToken: 'for-good' });
    const [one] = await putAll(upload, [bytes(MIB)]);
    const late = await upload.put(2, bytes(10));
    assert.deepEqual([late.status, late.text], [401, '{"error":"token expired 1 seconds ago"}']);
    assert.equal((await upload.complete([one])).status, 401);
    const renewed = client.resume(upload.object, upload.uploadId, client.token({ endUser: 'renewed' }));
    assert.equal((await renewed.complete([one])).status, 200);
  });
});

describe('an order', () => {
  const bad: readonly [unknown, RegExp][] = [
    [{ kind: 'form', stauts: 500 }, /stauts/],
    [{ kind: 'upload' }, /kind/],
    [{ status: '500' }, /status/],
    [{ status: 99 }, /status/],
    [{ skip: -1 }, /skip/],
    [{ bytesPerSecond: 0 }, /bytesPerSecond/],
    [{ callback: 'never' }, /callback/],
    [{ headers: { 'a b': 'c' } }, /headers/],
    [{ headers: { a: 'c\r\nd' } }, /headers/],
    [[{ status: 500 }, 'fault'], /expected object/],
    ['not JSON', /invalid argument/],
  ];
  for (const [fault, reason] of bad) {
    test(`of ${JSON.stringify(fault)} is refused, and nothing is ordered`, async () => {
      const { status, body } = await order(fault);
      assert.equal(status, 400);
      assert.match(String(body['error']), reason);
      assert.deepEqual(kodo.faults.list(), []);
    });
  }

  test('by the library is refused as well', () => {
    assert.throws(() => kodo.faults.add({ stauts: 500 } as Fault), /stauts/);
  });

  test('comes by HTTP, is listed with what came of it, and is taken back', async () => {
    assert.equal(
      (
        await order([
          { kind: 'form', status: 503, times: 0 },
          { kind: 'part', delay: 5 },
        ])
      ).status,
      200,
    );
    assert.equal((await form()).status, 503);
    const listed = await replyOf(await fetch(`${kodo.origin}/_kodo/faults`));
    assert.deepEqual(listed.body, [
      { fault: { kind: 'form', status: 503, times: 0 }, matched: 1, met: 1 },
      { fault: { kind: 'part', delay: 5 }, matched: 0, met: 0 },
    ]);
    assert.equal((await order('', 'DELETE')).status, 200);
    assert.equal((await form()).status, 200);
  });
});

describe('the control endpoints', () => {
  test('are no part of the log, and meet no fault', async () => {
    kodo.faults.add({ status: 500, times: 0 });
    const before = kodo.requests.length;
    assert.equal((await fetch(`${kodo.origin}/_kodo/requests`)).status, 200);
    assert.equal(kodo.requests.length, before);
  });

  test('are not there by another name of this machine, nor from another machine', async () => {
    const named = openRequest(kodo.origin, 'GET', '/_kodo/requests', { host: 'rebound.example' });
    named.end();
    assert.equal((await named.response).status, 404);
    const outer = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === 'IPv4' && !address.internal);
    if (outer === undefined) return; // a machine with loopback alone has no other address to come from
    const open = await startKodo({ host: '0.0.0.0', control: true });
    try {
      const { port } = new URL(open.origin);
      const sent = openRequest(`http://${outer.address}:${port}`, 'GET', '/_kodo/requests', {
        host: `127.0.0.1:${port}`,
      });
      sent.end();
      assert.equal((await sent.response).status, 404);
    } finally {
      await open.close();
    }
  });

  test('are not there unless asked for', async () => {
    const plain = await startKodo();
    assert.equal((await fetch(`${plain.origin}/_kodo/requests`)).status, 404);
    await plain.close();
  });
});

test('closing ends what stalls, waits or runs', async () => {
  const closing = await startKodo({
    faults: [
      { kind: 'query', stall: true, times: 0 },
      { kind: 'list', delay: 3_600_000 },
      { kind: 'form', callback: 'silent' },
      { kind: 'part', bytesPerSecond: 1 },
    ],
    callbackTimeout: 3_600_000,
  });
  const its = new KodoClient(closing);
  const upload = await its.initiate('a', its.token());
  const callback = { callbackUrl: 'http://127.0.0.1:1/', callbackBody: 'a' };
  const pending = [
    fetch(`${closing.origin}/v2/query`),
    upload.list(),
    its.postForm({ token: its.token(callback) }, bytes(10)),
    upload.put(1, bytes(1000)),
    openForm(closing.origin),
  ].map(async (request) => assert.rejects(request));
  await until(() => closing.requests.length === 6);
  await closing.close();
  await Promise.all(pending);
});

/** A form that is sent half. */
async function openForm(origin: string): Promise<unknown> {
  const sent = openRequest(origin, 'POST', '/', {
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': MIB,
  });
  await sent.write(encodeForm([{ name: 'file', value: bytes(1000), filename: 'a' }]).subarray(0, 500));
  return sent.response;
}
