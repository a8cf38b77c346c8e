import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { callbackAuthorization, CALLBACK_FAULTS } from '../../demo-server/kodo/callback.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { innerOf, KodoClient, startBusiness, type Business, type Reply } from './kodo-client.js';

const FORM = 'application/x-www-form-urlencoded';

let kodo: Kodo;
let client: KodoClient;
let business: Business;
before(async () => {
  kodo = await startKodo({ callbackTimeout: 300 });
  client = new KodoClient(kodo);
  business = await startBusiness();
});
after(async () => {
  business.close();
  await kodo.close();
});
afterEach(() => {
  kodo.faults.clear();
  business.seen = [];
  business.answer = { status: 200, body: '{"id":1}' };
});

async function post(policy: Record<string, unknown>, fields: Record<string, string> = {}): Promise<Reply> {
  const callback = { callbackUrl: business.url, callbackBody: 'k=$(key)' };
  return client.postForm({ token: client.token({ ...callback, ...policy }), ...fields }, bytes(10), 'a.bin');
}

describe('a callback', () => {
  test('is a form by default, and only the values are escaped', async () => {
    await post({ callbackBody: 'k=$(key)&x=$(x:a)&none=$(x:b)&fixed=a b' }, { key: 'dir/a b', 'x:a': '1&2{}"' });
    const [request] = business.seen;
    assert.equal(request?.body, 'k=dir%2Fa+b&x=1%262%7B%7D%22&none=&fixed=a b');
    assert.equal(request.headers['content-type'], FORM);
    assert.equal(request.headers['content-length'], String(request.body.length));
  });

  test('may be JSON, whose bare variables become JSON values', async () => {
    const callbackBody = '{"k":$(key),"s":$(fsize),"in":"$(fname)","w":$(imageInfo.width)}';
    await post({ callbackBody, callbackBodyType: 'application/json' }, { key: 'a"b' });
    const [request] = business.seen;
    assert.deepEqual(JSON.parse(request?.body ?? ''), { k: 'a"b', s: 10, in: 'a.bin', w: null });
  });

  test('is signed over path and query, its URL’s variables filled in', async () => {
    const callbackUrl = `${business.url}?k=$(key)&sum=$(bodySha1)`;
    await post({ callbackUrl, callbackBody: 'h=$(etag)' }, { key: 'a/b' });
    const [request] = business.seen;
    assert.ok(request);
    const sum = createHash('sha1').update(request.body).digest('hex');
    assert.equal(request.url, `/callback?k=a%2Fb&sum=${sum}`);
    const url = new URL(request.url, business.url).href;
    const { body } = request;
    const expected = callbackAuthorization('QBox', kodo, { url, body, contentType: FORM, host: undefined, reqid: '' });
    assert.equal(request.headers.authorization, expected);
  });

  test('carries callbackHost as its host, and names it in a 579', async () => {
    business.answer = { status: 404, body: 'nothing' };
    const reply = await post({ callbackHost: 'shop.example' });
    assert.equal(business.seen[0]?.headers.host, 'shop.example');
    assert.match(
      String(reply.body['error']),
      /^\{"callback_url":"[^"]+","callback_host":"shop.example","callback_bodyType"/,
    );
    assert.deepEqual([innerOf(reply)['err_code'], innerOf(reply)['error']], [404, 'Not Found']);
  });

  test('relays the answer byte for byte, null and odd spacing included', async () => {
    for (const body of ['null', ' {"a" : 1.10,\n"b":12345678901234567890} ', '"text"']) {
      business.answer = { status: 200, body, headers: { 'content-type': 'text/html' } };
      const { status, text, headers } = await post({});
      assert.deepEqual([status, text, headers.get('content-type')], [200, body, 'application/json']);
    }
  });
});

describe('a 579', () => {
  const failures: readonly [string, Business['answer'], number, string][] = [
    ['an error in JSON', { status: 403, body: '{"error":"signature"}' }, 403, 'signature'],
    ['a status without words', { status: 500, body: '<h1>' }, 500, 'Internal Server Error'],
    ['201', { status: 201, body: '{"id":1}' }, 201, 'Created'],
    ['a redirect', { status: 302, body: '', headers: { location: '/' } }, 302, 'Found'],
    ['no JSON', { status: 200, body: 'ok' }, 200, 'unexcepted response'],
    ['an empty body', { status: 200, body: '' }, 200, 'unexcepted response'],
  ];
  for (const [name, answer, code, error] of failures) {
    test(`tells of ${name}, and the object stays`, async () => {
      business.answer = answer;
      const reply = await post({}, { key: `failed-${code}-${error}` });
      const inner = innerOf(reply);
      assert.equal(reply.status, 579);
      assert.deepEqual([inner['err_code'], inner['error'], inner['callback_url']], [code, error, business.url]);
      assert.equal(kodo.object('demo', `failed-${code}-${error}`)?.hash, inner['hash']);
    });
  }

  test('comes after the time-out of a silent business server', async () => {
    business.answer = 'silence';
    const inner = innerOf(await post({}));
    assert.deepEqual([inner['err_code'], inner['error']], [504, `Post "${business.url}": context deadline exceeded`]);
  });

  for (const callbackUrl of ['ftp://a/b', 'http://[bad', 'http://', 'shop.example/callback', 'http://127.0.0.1:1/']) {
    test(`tells of ${callbackUrl}, which cannot be called`, async () => {
      const reply = await post({ callbackUrl });
      assert.deepEqual([reply.status, innerOf(reply)['err_code']], [579, 502]);
    });
  }

  test('tells of a callbackHost that no header can carry', async () => {
    assert.equal((await post({ callbackHost: 'a\r\nb: c' })).status, 579);
  });

  test('names the last of several URLs', async () => {
    const reply = await post({ callbackUrl: `http://127.0.0.1:1/;http://127.0.0.1:2/` });
    assert.equal(innerOf(reply)['callback_url'], 'http://127.0.0.1:2/');
  });
});

describe('callbackFetchKey', () => {
  test('lets the business server name the object, and passes its payload on', async () => {
    business.answer = { status: 200, body: '{"key":"named/by/server","payload":{"a":[1]}}' };
    const { status, text } = await post({ callbackFetchKey: 1, callbackBody: 'k=$(key)&h=$(etag)' }, { key: 'mine' });
    assert.deepEqual([status, text], [200, '{"a":[1]}']);
    assert.match(business.seen[0]?.body ?? '', /^k=&h=/);
    assert.equal((await client.stored('named/by/server')).length, 10);
    assert.equal(kodo.object('demo', 'mine'), undefined);
  });

  for (const body of ['{"payload":1}', 'null', 'not JSON', '{"key":5}']) {
    test(`stores nothing when the answer is ${body}`, async () => {
      business.answer = { status: 200, body };
      const before = kodo.objects('demo').length;
      const reply = await post({ callbackFetchKey: 1 });
      assert.equal(reply.status, 579);
      assert.deepEqual([innerOf(reply)['callback_url'], innerOf(reply)['key']], [business.url, undefined]);
      assert.equal(kodo.objects('demo').length, before);
    });
  }

  test('leaves an upload in parts open when it fails', async () => {
    business.answer = { status: 500, body: '' };
    const policy = { callbackUrl: business.url, callbackBody: 'a', callbackFetchKey: 1 };
    const upload = await client.initiate('asked', client.token(policy));
    const part = await upload.put(1, bytes(10));
    const parts = [{ partNumber: 1, etag: part.body['etag'] }];
    assert.equal((await upload.complete(parts)).status, 579);
    business.answer = { status: 200, body: '{"key":"asked again","payload":null}' };
    assert.deepEqual([(await upload.complete(parts)).text, (await client.stored('asked again')).length], ['null', 10]);
  });
});

describe('a callback fault on order', () => {
  const codes: Readonly<Record<(typeof CALLBACK_FAULTS)[number], number>> = {
    unreachable: 502,
    silent: 504,
    'server-error': 500,
    html: 200,
    'reply-lost': 504,
  };
  for (const callback of CALLBACK_FAULTS) {
    test(`${callback}: 579, the object stored, the next upload as always`, async () => {
      kodo.faults.add({ kind: 'form', callback });
      const reply = await post({}, { key: `fault-${callback}` });
      assert.deepEqual([reply.status, innerOf(reply)['err_code']], [579, codes[callback]]);
      assert.equal(business.seen.length, callback === 'reply-lost' ? 1 : 0);
      assert.ok(kodo.object('demo', `fault-${callback}`));
      assert.equal((await post({}, { key: 'next' })).status, 200);
    });
  }
});

test('the Qiniu scheme signs method, host and type as well', async () => {
  const other = await startKodo({ callbackScheme: 'Qiniu' });
  try {
    const its = new KodoClient(other);
    await its.postForm(
      { token: its.token({ callbackUrl: business.url, callbackBody: 'k=$(key)' }), key: 'q' },
      bytes(5),
    );
    const [request] = business.seen;
    const asked = { url: business.url, body: 'k=q', contentType: FORM, host: undefined, reqid: '' };
    assert.equal(request?.headers.authorization, callbackAuthorization('Qiniu', other, asked));
  } finally {
    await other.close();
  }
});
