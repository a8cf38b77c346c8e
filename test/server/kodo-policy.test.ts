import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/start-kodo.js';
import { sign } from '../../demo-server/kodo/upload-token.js';
import { bytes, PNG } from '../support/test-data.js';
import { inAnHour, KodoClient, type Reply } from './kodo-client.js';

let kodo: Kodo;
let client: KodoClient;
let now = Date.now();
before(async () => {
  kodo = await startKodo({ now: () => now, buckets: [{ name: 'demo' }, { name: 'south', region: 'z2' }] });
  client = new KodoClient(kodo);
});
after(() => kodo.close());

async function post(
  policy: Record<string, unknown>,
  fields: Record<string, string> = {},
  file = bytes(5),
): Promise<Reply> {
  return client.postForm({ token: client.token(policy), ...fields }, file);
}

describe('a put policy', () => {
  const wrong: readonly [string, Record<string, unknown>][] = [
    ['deadline', { deadline: '1999999999' }],
    ['deadline', { deadline: Date.now() + 3_600_000 }],
    ['insertOnly', { insertOnly: true }],
    ['forceSaveKey', { forceSaveKey: 1, saveKey: 'a' }],
    ['saveKey', { forceSaveKey: true }],
    ['saveKey', { saveKey: 5 }],
    ['fsizeLimit', { fsizeLimit: '5' }],
    ['fsizeLimit', { fsizeLimit: -5 }],
    ['fileType', { fileType: 5 }],
    ['fileType', { fileType: 2, persistentOps: 'imageInfo' }],
    ['detectMime', { detectMime: 2 }],
    ['trafficLimit', { trafficLimit: 1000 }],
    ['keylimit', { keylimit: 'a' }],
    ['keylimit', { keylimit: Array.from({ length: 21 }, String) }],
    ['callbackBodyType', { callbackUrl: 'http://a', callbackBody: 'a', callbackBodyType: 'text/plain' }],
    ['persistentWorkflowTemplateID', { persistentOps: 'a', persistentWorkflowTemplateID: 'b' }],
  ];
  for (const [field, policy] of wrong) {
    test(`with ${JSON.stringify(policy)} is refused by name`, async () => {
      const { status, body } = await post(policy);
      assert.deepEqual([status, body['error']], [400, `invalid put policy: ${field}`]);
    });
  }

  test('without a scope, and one with a callback but no body, are refused in Kodo’s words', async () => {
    assert.equal((await post({ scope: '' })).text, '{"error":"scope not specified"}');
    assert.equal((await post({ callbackUrl: 'http://a' })).text, '{"error":"callbackBody is not specified"}');
  });

  test('may hold unknown fields, empty ones and zeros', async () => {
    const policy = { fszieLimit: 1, saveKey: '', fsizeLimit: 0, callbackUrl: '', mimeLimit: '', insertOnly: 0 };
    assert.equal((await post(policy)).status, 200);
  });

  test('is signed as it is written, and its base64 is padded', async () => {
    const text = `{ "deadline":${inAnHour()} , "scope" : "demo" }  `;
    const encoded = Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    const signed = (policy: string): string => `${kodo.accessKey}:${sign(kodo.secretKey, policy)}:${policy}`;
    assert.equal((await client.postForm({ token: signed(encoded) }, bytes(5))).status, 200);
    const json = JSON.stringify({ scope: 'demo', deadline: inAnHour(), endUser: 'ab' });
    const bare = [json, `${json} `]
      .map((value) => Buffer.from(value).toString('base64url'))
      .find(({ length }) => length % 4 !== 0);
    assert.ok(bare);
    assert.equal((await client.postForm({ token: signed(bare) }, bytes(5))).text, '{"error":"bad token"}');
    for (const policy of ['', 'bm90IGpzb24=', 'W10=', 'bnVsbA==', '/w==']) {
      assert.equal((await client.postForm({ token: signed(policy) }, bytes(5))).text, '{"error":"bad token"}');
    }
  });
});

describe('the scope', () => {
  test('with isPrefixalScope binds client keys and saved ones, and never overwrites', async () => {
    const prefixal = { scope: 'demo:user/7/', isPrefixalScope: 1 };
    assert.equal((await post(prefixal, { key: 'user/7/a' })).status, 200);
    assert.equal((await post(prefixal, { key: 'user/8/a' })).status, 403);
    assert.equal((await post({ ...prefixal, saveKey: 'user/7/$(etag)' })).status, 200);
    assert.equal((await post({ ...prefixal, saveKey: 'elsewhere' })).status, 403);
    assert.equal((await post(prefixal, { key: 'user/7/a' }, bytes(6))).status, 614);
  });

  test('with keylimit takes these keys alone', async () => {
    const limited = { keylimit: ['a', 'b'] };
    assert.equal((await post(limited, { key: 'a' })).status, 200);
    assert.equal((await post(limited, { key: 'c' })).status, 403);
    assert.equal((await post(limited)).status, 403);
  });

  test('splits at its first colon', async () => {
    const { body } = await post({ scope: 'demo:a:b:c' }, { key: 'a:b:c' });
    assert.equal(body['key'], 'a:b:c');
  });

  test('counts a key of 750 bytes, and refuses one of 751', async () => {
    assert.equal((await post({}, { key: '长'.repeat(250) })).status, 200);
    const long = await post({ saveKey: `${'长'.repeat(250)}a` });
    assert.deepEqual([long.status, long.text], [414, '{"error":"key too long"}']);
  });

  test('with a key overwrites, unless insertOnly is set', async () => {
    const scope = 'demo:mine';
    await post({ scope }, { key: 'mine' }, bytes(5, 1));
    assert.equal((await post({ scope }, { key: 'mine' }, bytes(5, 2))).status, 200);
    assert.equal((await post({ scope, insertOnly: 1 }, { key: 'mine' }, bytes(5, 3))).status, 614);
    assert.deepEqual(await client.stored('mine'), bytes(5, 2));
  });
});

describe('types', () => {
  const zip = Buffer.from('504b0506000000000000000000000000000000000000', 'hex');
  const limits: readonly [string, Buffer, number][] = [
    ['image/*', PNG, 200],
    ['image/png', PNG, 200],
    ['image/jpeg;image/png', PNG, 200],
    ['image/jpeg', PNG, 403],
    ['!image/*', PNG, 403],
    ['!application/json;text/plain', Buffer.from('plain words'), 403],
    ['!application/json;text/plain', PNG, 200],
    ['image/*', zip, 403],
  ];
  for (const [mimeLimit, file, status] of limits) {
    test(`mimeLimit ${mimeLimit} goes by the content: ${status}`, async () => {
      const named = await client.postForm({ token: client.token({ mimeLimit }) }, file, 'photo.png');
      assert.equal(named.status, status);
    });
  }

  test('detectMime chooses between client, name and content', async () => {
    const returnBody = '{"t":$(mimeType)}';
    const typeOf = async (detectMime: number, filename: string, type?: string): Promise<unknown> => {
      const part = { name: 'file', value: PNG, filename, ...(type === undefined ? {} : { type }) };
      const token = client.token({ returnBody, detectMime });
      return (await client.postParts([{ name: 'token', value: token }, part])).body['t'];
    };
    assert.equal(await typeOf(0, 'a.txt', 'a/b'), 'a/b');
    assert.equal(await typeOf(0, 'a.txt', 'application/octet-stream'), 'text/plain');
    assert.equal(await typeOf(0, 'noname', 'application/octet-stream'), 'image/png');
    assert.equal(await typeOf(0, 'html', 'application/octet-stream'), 'image/png');
    assert.equal(await typeOf(1, 'a.txt', 'a/b'), 'image/png');
    assert.equal(await typeOf(-1, 'a.txt', 'a/b'), 'a/b');
    assert.equal(await typeOf(-1, 'a.txt', 'application/octet-stream'), 'application/octet-stream');
  });
});

describe('answers', () => {
  test('without returnBody hold hash, key, the job’s id and all custom variables in order', async () => {
    const { text } = await post({ persistentOps: 'vframe/jpg' }, { key: 'fields', 'x:b': '2', 'x:a': '<1&>' });
    assert.match(
      text,
      /^\{"hash":"[\w-]{28}","key":"fields","persistentId":"z0\.[0-9a-f]{24}","x:a":"\\u003c1\\u0026\\u003e","x:b":"2"\}$/,
    );
  });

  test('name one job in the answer and in the query of its state', async () => {
    const returnBody = '{"p":$(persistentId),"again":"$(persistentId)"}';
    const { body } = await post({ scope: 'south', persistentOps: 'a/1;b/2', returnBody }, { key: 'job' });
    assert.equal(body['p'], body['again']);
    assert.match(String(body['p']), /^z2\./);
    const query = async (id: unknown): Promise<Response> => fetch(`${kodo.origin}/status/get/prefop?id=${String(id)}`);
    const job = (await (await query(body['p'])).json()) as Record<string, unknown>;
    assert.deepEqual([job['code'], job['inputKey'], (job['items'] as unknown[]).length], [1, 'job', 2]);
    assert.equal((await query('z0.none')).status, 612);
  });

  test('send a browser on to returnUrl, with the body in base64', async () => {
    const policy = { returnUrl: 'http://127.0.0.1:9/done?a=1', returnBody: '{"k":$(key)}' };
    const form = new FormData();
    form.set('token', client.token(policy));
    form.set('key', 'returned');
    form.set('file', new File(['x'], 'a'));
    const response = await fetch(`${kodo.origin}/`, { method: 'POST', body: form, redirect: 'manual' });
    assert.equal(response.status, 303);
    const location = new URL(response.headers.get('location') ?? '');
    assert.equal(location.searchParams.get('a'), '1');
    const sent = Buffer.from(location.searchParams.get('upload_ret') ?? '', 'base64url').toString();
    assert.equal(sent, '{"k":"returned"}');
  });

  test('do not expand a custom variable’s own text', async () => {
    const { text } = await post({ returnBody: '{"x":$(x:a)}' }, { 'x:a': '$(etag)' });
    assert.equal(text, '{"x":"$(etag)"}');
  });
});

test('deleteAfterDays ends an object at a midnight in China', async () => {
  await post({ deleteAfterDays: 1 }, { key: 'mortal' });
  const { expireAt } = kodo.object('demo', 'mortal') ?? {};
  assert.ok(expireAt !== undefined);
  assert.equal((expireAt + 8 * 3_600_000) % 86_400_000, 0);
  assert.ok(expireAt >= now + 86_400_000 && expireAt < now + 2 * 86_400_000);
  const before = now;
  now = expireAt;
  assert.equal(kodo.object('demo', 'mortal'), undefined);
  assert.equal((await fetch(`${kodo.domain('demo')}/mortal`)).status, 404);
  now = before;
});
