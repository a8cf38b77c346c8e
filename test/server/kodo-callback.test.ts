import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { callbackAuthorization, CALLBACK_FAULTS } from '../../demo-server/kodo/src/callback/callback.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes, PNG } from '../support/test-data.js';
import { innerOf, KodoClient, putAll, startBusiness, type Business, type Reply } from './kodo-client.js';

const FORM = 'application/x-www-form-urlencoded';

let kodo: Kodo;
let client: KodoClient;
let business: Business;
let warnings: string[] = [];
before(async () => {
  kodo = await startKodo({ callbackTimeout: 300, onWarning: (text) => warnings.push(text) });
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
  warnings = [];
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

  test('holds whole objects as their JSON, escaped', async () => {
    const token = client.token({ callbackUrl: business.url, callbackBody: 'i=$(imageInfo)' });
    await client.postForm({ token, key: 'picture' }, PNG, 'a.png');
    const info = `{"colorModel":"nrgba","format":"png","height":1,"size":${PNG.length},"width":1}`;
    assert.equal(business.seen[0]?.body, `i=${encodeURIComponent(info)}`);
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

  test('relays bytes that are no UTF-8 as they are', async () => {
    business.answer = { status: 200, body: Buffer.from('7b2261223a22ff227d', 'hex') };
    const token = client.token({ callbackUrl: business.url, callbackBody: 'k=$(key)' });
    const body = new FormData();
    body.set('token', token);
    body.set('file', new File(['x'], 'x'));
    const response = await fetch(`${kodo.origin}/`, { method: 'POST', body });
    assert.equal(Buffer.from(await response.arrayBuffer()).toString('hex'), '7b2261223a22ff227d');
  });

  test('goes to http:// where its URL has no scheme, signed as ever', async () => {
    const bare = business.url.replace('http://', '');
    assert.equal((await post({ callbackUrl: bare })).status, 200);
    const [request] = business.seen;
    const { url, body = '' } = { url: business.url, body: request?.body };
    const expected = callbackAuthorization('QBox', kodo, { url, body, contentType: FORM, host: undefined, reqid: '' });
    assert.equal(request?.headers.authorization, expected);
    business.answer = { status: 500, body: '' };
    assert.equal(innerOf(await post({ callbackUrl: bare }))['callback_url'], bare);
  });

  test('escapes half a surrogate pair as Go does, and the upload is over', async () => {
    const token = client.token({
      scope: 'demo:half',
      callbackUrl: business.url,
      callbackBody: 'x=$(x:a)&e=$(endUser)',
      endUser: 'a\udc00b',
    });
    const upload = await client.initiate('half', token);
    const parts = await putAll(upload, [bytes(10)]);
    const { status } = await upload.complete(parts, { customVars: { 'x:a': '\ud800' } });
    assert.deepEqual([status, business.seen[0]?.body], [200, 'x=%EF%BF%BD&e=a%EF%BF%BDb']);
    assert.deepEqual(await client.stored('half'), bytes(10));
    assert.equal((await upload.complete(parts)).status, 612);
    assert.deepEqual(await client.stored('half'), bytes(10));
  });

  test('in JSON that is none is sent all the same, with a warning', async () => {
    const callbackBodyType = 'application/json';
    await post({ callbackBody: 'k=$(key)', callbackBodyType }, { key: 'bare' });
    assert.deepEqual(
      [business.seen[0]?.body, warnings],
      ['k="bare"', ['callbackBody is not valid JSON after substitution: k="bare"']],
    );
    await post({ callbackBody: '{"k":$(key)}', callbackBodyType });
    await post({ callbackBody: 'k=$(key)' });
    assert.equal(warnings.length, 1);
  });

  test('makes returnBody and returnUrl of no account', async () => {
    const { status, text } = await post({ returnBody: '{"mine":1}', returnUrl: 'http://127.0.0.1:9/' });
    assert.deepEqual([status, text], [200, '{"id":1}']);
  });

  test('comes again for the same content under the same key', async () => {
    assert.equal((await post({ scope: 'demo' }, { key: 'again' })).status, 200);
    assert.equal((await post({ scope: 'demo' }, { key: 'again' })).status, 200);
    assert.equal(business.seen.length, 2);
  });
});

describe('a 579', () => {
  const failures: readonly [string, Business['answer'], number, string][] = [
    ['an error in JSON', { status: 403, body: '{"error":"signature"}' }, 403, 'signature'],
    ['a status without words', { status: 500, body: '<h1>' }, 500, 'Internal Server Error'],
    ['a status in words of one’s own', { status: 404, statusText: 'Gone fishing', body: '' }, 404, 'Not Found'],
    ['an error that says nothing', { status: 400, body: '{"error":""}' }, 400, 'Bad Request'],
    ['a status that nobody knows', { status: 799, statusText: 'Own', body: '{}' }, 799, ''],
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

  const unreachable: readonly [string, string][] = [
    ['ftp://a/b', 'Post "ftp://a/b": unsupported protocol scheme "ftp"'],
    ['http://[bad', 'Post "http://[bad": invalid URL'],
    ['http://', 'Post "http://": invalid URL'],
    ['http://127.0.0.1:1/', 'Post "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused'],
    ['http://127.0.0.2/', 'Post "http://127.0.0.2/": dial tcp 127.0.0.2:80: connect: connection refused'],
    ['http://nosuch.invalid/', 'Post "http://nosuch.invalid/": dial tcp: lookup nosuch.invalid: no such host'],
    ['nosuch.invalid/a', 'Post "http://nosuch.invalid/a": dial tcp: lookup nosuch.invalid: no such host'],
  ];
  for (const [callbackUrl, error] of unreachable) {
    test(`tells of ${callbackUrl}, which cannot be called, in the words of Go`, async () => {
      const inner = innerOf(await post({ callbackUrl }));
      assert.deepEqual([inner['err_code'], inner['error'], inner['callback_url']], [502, error, callbackUrl]);
    });
  }

  for (const [answer, error] of [
    ['hang-up', 'EOF'],
    ['reset', 'read tcp: connection reset by peer'],
  ] as const) {
    test(`tells of a ${answer} in the words of Go`, async () => {
      business.answer = answer;
      const inner = innerOf(await post({}));
      assert.deepEqual([inner['err_code'], inner['error']], [502, `Post "${business.url}": ${error}`]);
    });
  }

  test('escapes < > & inside as Go does', async () => {
    business.answer = { status: 500, body: '' };
    const { text } = await post({ callbackBody: 'k=$(key)&h=$(etag)' }, { key: 'amp' });
    assert.match(text, /\\"callback_body\\":\\"k=amp\\\\u0026h=/);
  });

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

describe('callbackFetchKey and what the client gets', () => {
  const fetched = async (body: string): Promise<string> => {
    business.answer = { status: 200, body };
    return (await post({ scope: 'demo:fetched', callbackFetchKey: 1 }, { key: 'fetched' })).text;
  };

  test('is the payload’s text as it was written', async () => {
    assert.equal(
      await fetched('{ "payload" : {"n": 12345678901234567890, "m":1.10,"s":"\\u4e2d,}\\"" } ,"key":"raw"}'),
      '{"n": 12345678901234567890, "m":1.10,"s":"\\u4e2d,}\\"" }',
    );
    assert.equal(await fetched('{"key":"raw"}'), 'null');
  });

  test('is 614 where the name is taken by other content', async () => {
    await client.postForm({ token: client.token(), key: 'taken' }, bytes(5, 9));
    business.answer = { status: 200, body: '{"key":"taken","payload":1}' };
    const reply = await post({ scope: 'demo', callbackFetchKey: 1 });
    assert.deepEqual([reply.status, reply.text], [614, '{"error":"file exists"}']);
    assert.deepEqual(await client.stored('taken'), bytes(5, 9));
  });
});

describe('callbackTries', () => {
  test('calls each URL so often, until one answers', async () => {
    const stubborn = await startKodo({ callbackTries: 3 });
    try {
      const its = new KodoClient(stubborn);
      const ask = async (): Promise<number> => {
        const callbackUrl = `${business.url}?a;${business.url}?b`;
        return (await its.postForm({ token: its.token({ callbackUrl, callbackBody: 'k' }) }, bytes(5))).status;
      };
      business.answer = { status: 500, body: '' };
      assert.equal(await ask(), 579);
      const urls = ['?a', '?a', '?a', '?b', '?b', '?b'].map((query) => `/callback${query}`);
      assert.deepEqual(
        business.seen.map(({ url }) => url),
        urls,
      );
      business.answer = { status: 200, body: '1' };
      assert.equal(await ask(), 200);
      assert.equal(business.seen.length, 7);
    } finally {
      await stubborn.close();
    }
  });

  test('is one by default', async () => {
    business.answer = { status: 500, body: '' };
    await post({});
    assert.equal(business.seen.length, 1);
  });
});

test('persistentOps go on record with their variables', async () => {
  const persistentOps = 'vframe/jpg|saveas/$(x:a)/$(key);imageInfo';
  const token = client.token({ persistentOps });
  const { body } = await client.postForm({ token, key: 'job', 'x:a': 'b' }, bytes(10));
  const query = await fetch(`${kodo.origin}/status/get/prefop?id=${String(body['persistentId'])}`);
  const { items } = (await query.json()) as { readonly items: readonly { readonly cmd: string }[] };
  assert.deepEqual(
    items.map(({ cmd }) => cmd),
    ['vframe/jpg|saveas/b/job', 'imageInfo'],
  );
});

describe('a callback fault on order', () => {
  const codes: Readonly<Record<(typeof CALLBACK_FAULTS)[number], number>> = {
    unreachable: 502,
    silent: 504,
    refused: 400,
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
