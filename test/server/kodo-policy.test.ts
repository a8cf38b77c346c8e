import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { sign } from '../../demo-server/kodo/src/policy/upload-token.js';
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
    ['fileType', { fileType: 6 }],
    ['fileType', { fileType: 2, persistentOps: 'imageInfo' }],
    ['detectMime', { detectMime: 2 }],
    ['trafficLimit', { trafficLimit: 1000 }],
    ['keylimit', { keylimit: 'a' }],
    ['keylimit', { keylimit: Array.from({ length: 21 }, String) }],
    ['callbackBodyType', { callbackUrl: 'http://a', callbackBody: 'a', callbackBodyType: 'text/plain' }],
    ['deadline', { deadline: null }],
    ['persistentNotifyUrl', { persistentNotifyUrl: 1 }],
    ['persistentPipeline', { persistentPipeline: ['a'] }],
    ['persistentType', { persistentType: 2 }],
    ['persistentType', { persistentType: '1' }],
    ['asyncOps', { asyncOps: true }],
    ['transform', { transform: {} }],
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

  test('may order what is not done here, in its right type', async () => {
    const persistent = { persistentNotifyUrl: 'http://a', persistentPipeline: 'p', persistentType: 1 };
    assert.equal((await post({ ...persistent, asyncOps: 'a', transform: 'b' })).status, 200);
  });

  test('whose deadline is 0 has expired', async () => {
    const { status, text } = await post({ deadline: 0 });
    assert.deepEqual([status, text], [401, '{"error":"expired token"}']);
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

  test('with an empty keylimit takes any key', async () => {
    assert.equal((await post({ keylimit: [] }, { key: 'any' })).status, 200);
    assert.equal((await post({ keylimit: [] })).status, 200);
  });

  test('with isPrefixalScope leaves a nameless upload to its hash, which has not the prefix', async () => {
    const { status, text } = await post({ scope: 'demo:user/7/', isPrefixalScope: 1 });
    assert.deepEqual([status, text], [403, `{"error":"key doesn't match with scope"}`]);
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

describe('a token', () => {
  const textOf = async (token: string): Promise<string> => {
    const { status, text } = await client.postForm({ token }, bytes(5));
    return `${status} ${text}`;
  };

  test('of four parts, of another account, or of another signature is bad', async () => {
    const [accessKey = '', signature = '', policy = ''] = client.token().split(':');
    for (const token of [
      `admin:${accessKey}:${signature}:${policy}`,
      `${accessKey}:${signature}:${policy}:`,
      `other:${signature}:${policy}`,
      `${accessKey}:${sign('other', policy)}:${policy}`,
    ]) {
      assert.equal(await textOf(token), '401 {"error":"bad token"}');
    }
  });

  test('of a bucket that does not exist is of no use', async () => {
    assert.equal(await textOf(client.token({ scope: 'nowhere' })), '631 {"error":"no such bucket"}');
  });
});

describe('sizes', () => {
  test('count at exactly their limits', async () => {
    const limits = { fsizeMin: 5, fsizeLimit: 7 };
    const statuses: number[] = [];
    for (const size of [4, 5, 7, 8]) statuses.push((await post(limits, {}, bytes(size, size))).status);
    assert.deepEqual(statuses, [403, 200, 200, 413]);
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
    ['application/json', Buffer.from('{"a":[1]}'), 200],
    ['!application/json', Buffer.from('[1]'), 403],
    ['text/plain', Buffer.from('12'), 200],
    ['audio/AMR', Buffer.from('#!AMR\n'), 200],
    ['audio/amr', Buffer.from('#!AMR\n'), 403],
    [
      'image/svg+xml',
      Buffer.from('<?xml version="1.0"?>\n<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg"/>'),
      200,
    ],
    ['!image/*', Buffer.from('<?xml version="1.0"?><svg/>'), 403],
    ['image/*', bytes(100), 403],
    ['application/octet-stream', bytes(100), 200],
  ];
  for (const [mimeLimit, file, status] of limits) {
    test(`mimeLimit ${mimeLimit} goes by the content: ${status}`, async () => {
      const parts = [
        { name: 'token', value: client.token({ mimeLimit }) },
        { name: 'file', value: file, filename: 'photo.png', type: 'image/png' },
      ];
      assert.equal((await client.postParts(parts)).status, status);
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
    assert.equal(await typeOf(-1, 'a.txt'), 'application/octet-stream');
    assert.equal(await typeOf(0, 'noname'), 'image/png');
    assert.equal(await typeOf(0, 'a.html', 'text/html; charset=gbk'), 'text/html; charset=gbk');
    assert.equal(await typeOf(0, 'a.amr', 'audio/AMR'), 'audio/AMR');
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
    assert.equal((await query('z0.none')).status, 404);
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

  test('send a browser on to returnUrl with hash and key where there is no returnBody', async () => {
    const form = new FormData();
    form.set('token', client.token({ returnUrl: 'http://127.0.0.1:9/完成' }));
    form.set('file', new File(['x'], 'a'));
    const { status, headers } = await fetch(`${kodo.origin}/`, { method: 'POST', body: form, redirect: 'manual' });
    const location = headers.get('location') ?? '';
    assert.equal(status, 303);
    assert.match(location, /^http:\/\/127\.0\.0\.1:9\/%E5%AE%8C%E6%88%90\?upload_ret=/);
    const sent = Buffer.from(new URL(location).searchParams.get('upload_ret') ?? '', 'base64url').toString();
    assert.match(sent, /^\{"hash":"([\w-]{28})","key":"\1"\}$/);
  });

  test('to a refused upload are plain, also with returnUrl', async () => {
    const { status, text, headers } = await post({ returnUrl: 'http://127.0.0.1:9/', fsizeLimit: 1 });
    assert.deepEqual([status, text, headers.get('location')], [413, '{"error":"exceed FsizeLimit"}', null]);
  });

  test('do not expand a custom variable’s own text', async () => {
    const { text } = await post({ returnBody: '{"x":$(x:a)}' }, { 'x:a': '$(etag)' });
    assert.equal(text, '{"x":"$(etag)"}');
  });
});

describe('variables', () => {
  /** What a returnBody becomes for a picture called `照片.tar.png`. */
  async function fill(returnBody: string, filename = '照片.tar.png', file: Buffer = PNG): Promise<unknown> {
    const token = client.token({ scope: 'demo:filled', returnBody, endUser: 'u 7' });
    return (await client.postForm({ token, key: 'filled' }, file, filename)).body['v'];
  }

  test('tell of the upload, in round brackets or curly ones', async () => {
    const { hash } = kodo.object('demo', String((await post({}, {}, PNG)).body['key'])) ?? {};
    for (const [name, value] of [
      ['bucket', 'demo'],
      ['key', 'filled'],
      ['etag', hash],
      ['hash', hash],
      ['fname', '照片.tar.png'],
      ['fprefix', '照片.tar'],
      ['ext', '.png'],
      ['suffix', 'png'],
      ['fsize', PNG.length],
      ['mimeType', 'image/png'],
      ['endUser', 'u 7'],
      ['imageInfo.width', 1],
    ] as const) {
      assert.equal(await fill(`{"v":$(${name})}`), value, name);
      assert.equal(await fill(`{"v":"\${${name}}"}`), String(value), name);
    }
    const uuids = [await fill('{"v":$(uuid)}'), await fill('{"v":$(uuid)}')];
    assert.match(uuids.join(), /^[0-9a-f-]{36},[0-9a-f-]{36}$/);
    assert.notEqual(uuids[0], uuids[1]);
  });

  test('hold whole objects, bare and in quotes', async () => {
    const info = { colorModel: 'nrgba', format: 'png', height: 1, size: PNG.length, width: 1 };
    assert.deepEqual(await fill('{"v":$(imageInfo)}'), info);
    assert.equal(await fill('{"v":"$(imageInfo)"}'), JSON.stringify(info));
  });

  test('know an extension by the name, then by the type, and none of unknown bytes', async () => {
    assert.equal(await fill('{"v":$(ext)}', 'a.JPEG'), '.JPEG');
    assert.equal(await fill('{"v":$(ext)}', 'noname'), '.png');
    assert.equal(await fill('{"v":"$(ext)|$(suffix)"}', 'noname', bytes(100)), '|');
  });

  test('of the time are for saveKey alone, and those of a name for the rest', async () => {
    const time = ['year', 'mon', 'day', 'hour', 'min', 'sec'];
    const later = ['key', 'uuid', 'persistentId', 'imageInfo', 'imageInfo.width', 'exif', 'avinfo', 'imageAve'];
    const templateOf = (names: readonly string[]): string => names.map((name) => `$(${name})`).join('|');
    const saved = await post({ persistentOps: 'imageInfo', saveKey: templateOf([...time, ...later]) }, {}, PNG);
    const china = new Date(now + 8 * 3_600_000).toISOString().slice(0, 19).split(/[-T:]/).join('|');
    assert.equal(saved.body['key'], `${china}${'|'.repeat(later.length)}`);
    assert.equal(await fill(`{"v":[${time.map((name) => `$(${name})`).join()}]}`).then(String), ',,,,,');
    assert.equal(await fill(`{"v":"${templateOf(time)}"}`), '|||||');
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
