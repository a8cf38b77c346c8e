import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import pino from 'pino';
import { mimeLimitOf } from '../../demo-server/qiniu/object-type.js';
import { verifyUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { startDemo as start, type Demo, type DemoOptions } from '../../demo-server/start-demo.js';
import { sweep } from '../../demo-server/uploads/sweeper.js';
import { bytes, PNG } from '../support/test-data.js';
import { waitUntil } from '../support/wait-until.js';
import {
  answerOf,
  asAnswered,
  askToken,
  becomeVisitor,
  call,
  callbackBody,
  policyOf,
  sendCallback,
  uploadForm,
  visitorOf,
  type Answer,
} from './support.js';

/** On SQLite, or on the PostgreSQL that is named. */
const startDemo = (options: DemoOptions = {}): Promise<Demo> =>
  start({ databaseUrl: process.env['TEST_DATABASE_URL'], ...options });

const FILE = { name: 'photo.PNG', size: 10, type: 'image/png' };

let demo: Demo;
let log = '';
before(async () => {
  demo = await startDemo({
    maxFileSize: 1000,
    logLevel: 'trace',
    logTo: new Writable({
      write(chunk: Buffer, _encoding, done): void {
        log += chunk.toString();
        done();
      },
    }),
  });
});
after(() => demo.close());

async function list(query = ''): Promise<Answer> {
  return answerOf(await call(demo, 'GET', `/api/uploads${query}`));
}

/** The newest upload as its callback's reply has it, without what came to be known after. */
async function newest(of = demo): Promise<unknown> {
  const { body } = await answerOf(await call(of, 'GET', '/api/uploads?limit=1'));
  return asAnswered((body['uploads'] as unknown[])[0]);
}

function errorCode(answer: Answer): unknown {
  return (answer.body['error'] as Record<string, unknown> | undefined)?.['code'];
}

describe('token', () => {
  test('signs a policy for one new key, with callback and limits', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, headers, body } = await askToken(demo, FILE);
    assert.equal(status, 200);
    assert.equal(headers.get('cache-control'), 'no-store');
    const token = String(body['token']);
    verifyUploadToken(demo.settings, token); // throws on a wrong signature
    const { deadline, callbackBody: template, endUser, ...policy } = policyOf(token);
    assert.match(String(endUser), /^[\da-f-]{36}$/);
    assert.match(String(body['key']), /^uploads\/\d{4}\/\d\d\/\d\d\/[\w-]{22}\.png$/);
    assert.deepEqual(policy, {
      scope: `demo:${String(body['key'])}`,
      insertOnly: 1,
      detectMime: 1,
      fsizeLimit: 10,
      mimeLimit: mimeLimitOf(undefined),
      callbackUrl: `${demo.origin}/api/uploads/callback`,
      callbackBodyType: 'application/x-www-form-urlencoded',
    });
    assert.ok(Number(deadline) >= before + 3600 && Number(deadline) <= before + 3610, 'deadline is in seconds');
    assert.equal(
      template,
      `id=${String(body['id'])}&bucket=$(bucket)&key=$(key)&hash=$(etag)&fsize=$(fsize)&mimeType=$(mimeType)` +
        '&width=$(imageInfo.width)&height=$(imageInfo.height)&endUser=$(endUser)',
    );
    assert.deepEqual(body['hosts'], [demo.kodo?.origin]);
    assert.equal(body['domain'], demo.kodo?.domain('demo'));
    assert.equal(body['expiresIn'], 3600);
  });

  test('can be asked by GET', async () => {
    const query = new URLSearchParams({ name: 'a b&c.txt', size: '5', type: 'text/plain' });
    const { status, body } = await answerOf(await call(demo, 'GET', `/api/uploads/token?${query}`));
    assert.equal(status, 200);
    assert.match(String(body['key']), /\.txt$/);
  });

  test('writes returnBody instead of a callback, and saveKey instead of a key, when asked to', async () => {
    const returned = policyOf((await askToken(demo, FILE, '?reply=return-body')).body['token']);
    assert.equal(returned['callbackUrl'], undefined);
    assert.match(String(returned['returnBody']), /\$\(imageInfo\.width\)/);
    const saved = await askToken(demo, FILE, '?naming=save-key');
    assert.equal(saved.body['key'], undefined);
    const policy = policyOf(saved.body['token']);
    assert.equal(policy['scope'], 'demo');
    assert.equal(policy['forceSaveKey'], true);
    assert.match(String(policy['saveKey']), /^uploads\/\$\(year\)\/\$\(mon\)\/\$\(day\)\/[\w-]{22}\.png$/);
    const renewed = await askToken(demo, { ...FILE, id: saved.body['id'] });
    assert.equal(policyOf(renewed.body['token'])['saveKey'], policy['saveKey'], 'a renewal is for the same object');
    const page = await askToken(demo, { ...FILE, name: 'page.html' }, '?naming=save-key');
    assert.match(String(policyOf(page.body['token'])['saveKey']), /\/[\w-]{22}$/);
  });

  test('takes nothing but a known extension from a name, none that browsers run', async () => {
    for (const name of [
      'page.html',
      'picture.SVG',
      '../../etc/passwd',
      'a.p/hp',
      '.',
      'x.' + 'e'.repeat(50),
      'a.<b>',
      '图.图',
      ' .',
      'x.tar.g z',
    ]) {
      const { body } = await askToken(demo, { ...FILE, name });
      assert.match(String(body['key']), /^uploads\/\d{4}\/\d\d\/\d\d\/[\w-]{22}$/, name);
    }
  });

  test('renews for the same key by id', async () => {
    const first = await askToken(demo, FILE);
    const second = await askToken(demo, { ...FILE, id: first.body['id'] });
    assert.equal(second.body['key'], first.body['key']);
    assert.equal(second.body['id'], first.body['id']);
    const unknown = await askToken(demo, { ...FILE, id: 'nothing' });
    assert.deepEqual([unknown.status, errorCode(unknown)], [404, 'upload-unknown']);
  });

  test('answers for what is stored with the callback’s reply instead of a token', async () => {
    const token = await askToken(demo, FILE);
    const reply = await sendCallback(demo, callbackBody(token));
    const again = await askToken(demo, { ...FILE, id: token.body['id'] });
    assert.equal(again.body['token'], undefined);
    assert.deepEqual(again.body['response'], reply.body);
  });

  const bad: readonly [string, unknown, number][] = [
    ['no name', { size: 1 }, 400],
    ['a negative size', { ...FILE, size: -1 }, 400],
    ['a size that is no number', { ...FILE, size: 'big' }, 400],
    ['a file over the limit', { ...FILE, size: 1001 }, 413],
    ['a list', [], 400],
  ];
  for (const [name, body, status] of bad) {
    test(`answers ${name} with ${status} in JSON`, async () => {
      const answer = await askToken(demo, body as Record<string, unknown>);
      assert.equal(answer.status, status);
      assert.equal(typeof (answer.body['error'] as Record<string, unknown>)['message'], 'string');
    });
  }

  test('answers a body that is no JSON with 400', async () => {
    assert.equal((await call(demo, 'POST', '/api/uploads/token', { body: '{"name":' })).status, 400);
  });
});

describe('who may ask', () => {
  test('is who has the cookie: another’s upload is as good as none', async () => {
    const token = await askToken(demo, FILE);
    const id = String(token.body['id']);
    const stranger = await becomeVisitor(demo);
    assert.equal((await askToken(demo, { ...FILE, id }, '', stranger)).status, 404);
    await sendCallback(demo, callbackBody(token));
    for (const [method, path] of [
      ['POST', `/api/uploads/${id}/confirm`],
      ['DELETE', `/api/uploads/${id}`],
    ] as const) {
      assert.equal((await call(demo, method, path, { cookie: stranger })).status, 404);
    }
    const { uploads } = (await answerOf(await call(demo, 'GET', '/api/uploads', { cookie: stranger }))).body;
    assert.deepEqual(uploads, []);
    const forged = (await becomeVisitor(demo)).replace(/s%3A[^.]*/, 's%3Asomebody');
    assert.notEqual(policyOf((await askToken(demo, FILE, '', forged)).body['token'])['endUser'], 'somebody');
  });

  test('is not another site', async () => {
    const ask = async (headers: Readonly<Record<string, string>>): Promise<Response> =>
      call(demo, 'POST', '/api/uploads/token', { body: FILE, headers });
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]) {
      const answer = await ask(headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
    for (const headers of [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      { origin: demo.origin },
    ]) {
      assert.equal((await ask(headers)).status, 200, JSON.stringify(headers));
    }
  });

  test('is an origin that is named, and no other', async () => {
    const named = 'https://app.example.com';
    const open = await startDemo({ allowedOrigins: [named] });
    try {
      const headers = { origin: named, 'sec-fetch-site': 'cross-site' };
      const answer = await call(open, 'POST', '/api/uploads/token', { body: FILE, headers });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('access-control-allow-origin'), named);
      assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
      const other = { ...headers, origin: 'https://app.example.com.evil.example' };
      assert.equal((await call(open, 'POST', '/api/uploads/token', { body: FILE, headers: other })).status, 403);
    } finally {
      await open.close();
    }
  });
});

describe('an upload that is deleted', () => {
  test('is gone from Kodo, from the list, and for its id', async () => {
    const token = await askToken(demo, { name: 'gone.png', size: PNG.length, type: 'image/png' });
    const reply = await uploadForm(token, PNG, 'gone.png');
    const id = String(reply.body['id']);
    assert.equal((await call(demo, 'DELETE', `/api/uploads/${id}`)).status, 204);
    assert.equal((await fetch(String(reply.body['url']))).status, 404);
    const { uploads } = (await list('?limit=100')).body as { uploads: { id: string }[] };
    assert.ok(!uploads.some((upload) => upload.id === id));
    assert.equal((await call(demo, 'DELETE', `/api/uploads/${id}`)).status, 404);
  });

  for (const naming of ['key', 'save-key']) {
    test(`does not come back by a token that is still good (${naming})`, async () => {
      const file = { name: 'again.png', size: PNG.length, type: 'image/png' };
      const token = await askToken(demo, file, `?naming=${naming}`);
      const id = String(token.body['id']);
      assert.equal((await uploadForm(token, PNG, 'again.png')).status, 200);
      assert.equal((await call(demo, 'DELETE', `/api/uploads/${id}`)).status, 204);
      const reply = await uploadForm(token, PNG, 'again.png');
      assert.equal(reply.status, 579, 'the callback wants nothing of it');
      const { key } = JSON.parse(String(reply.body['error'])) as { key: string };
      await waitUntil(() => demo.kodo?.object('demo', key) === undefined);
      assert.equal((await call(demo, 'POST', `/api/uploads/${id}/confirm`)).status, 404);
    });
  }

  test('stays in the list while Kodo cannot delete it', async () => {
    const token = await askToken(demo, { name: 'stays.png', size: PNG.length, type: 'image/png' });
    const reply = await uploadForm(token, PNG, 'stays.png');
    const id = String(reply.body['id']);
    demo.kodo?.faults.add({ kind: 'delete', status: 599, times: 0 });
    try {
      const answer = await call(demo, 'DELETE', `/api/uploads/${id}`);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '5');
    } finally {
      demo.kodo?.faults.clear();
    }
    assert.equal((await demo.store.find(id))?.status, 'stored');
  });
});

describe('the sweeper', () => {
  const logger = pino({ level: 'silent' });
  /** As if so many hours had passed. */
  const sweepAfter = (hours: number): Promise<void> => sweep({ ...demo, logger }, Date.now() + hours * 3_600_000);
  /** A round looks at some uploads only, and a database may have others. */
  const sweepUntil = (hours: number, condition: () => Promise<boolean>): Promise<void> =>
    waitUntil(async () => {
      await sweepAfter(hours);
      return condition();
    });

  test('records what is stored and nobody told, expires what never came, and leaves the rest', async () => {
    demo.kodo?.faults.add({ kind: 'form', callback: 'unreachable', times: 2 });
    const file = { name: 'stored.png', size: PNG.length, type: 'image/png' };
    const stored = await askToken(demo, file);
    assert.equal((await uploadForm(stored, PNG, 'stored.png')).status, 579);
    const named = await askToken(demo, file, '?naming=save-key');
    assert.equal((await uploadForm(named, PNG, 'stored.png')).status, 579);
    const never = await askToken(demo, FILE);
    const saved = await askToken(demo, FILE, '?naming=save-key');
    await sweepAfter(1);
    const rowOf = (token: Answer) => demo.store.find(String(token.body['id']));
    assert.equal((await rowOf(stored))?.status, 'issued', 'its token has only just ended');
    await sweepAfter(1.5);
    for (const token of [stored, named]) {
      const row = await rowOf(token);
      assert.deepEqual([row?.status, row?.told_by, row?.stored_size, row?.width], ['stored', 'sweep', PNG.length, 1]);
    }
    assert.equal((await rowOf(never))?.status, 'expired');
    assert.equal((await rowOf(saved))?.status, 'expired');
    const again = await askToken(demo, { ...FILE, id: never.body['id'] });
    assert.deepEqual([again.status, errorCode(again)], [404, 'upload-unknown']);
    assert.equal((await sendCallback(demo, callbackBody(never))).status, 200, 'a late callback still counts');
  });

  test('removes what came back after it was deleted, and then its record', async () => {
    const token = await askToken(demo, { name: 'back.png', size: PNG.length, type: 'image/png' });
    const [id, key] = [String(token.body['id']), String(token.body['key'])];
    assert.equal((await call(demo, 'DELETE', `/api/uploads/${id}`)).status, 204);
    demo.kodo?.faults.add({ kind: 'form', callback: 'unreachable' });
    assert.equal((await uploadForm(token, PNG, 'back.png')).status, 579);
    assert.equal((await demo.store.find(id))?.status, 'deleted');
    await sweepAfter(1.5);
    assert.equal(demo.kodo?.object('demo', key), undefined);
    assert.equal(await demo.store.find(id), undefined);
  });

  test('gives up after a day what follows an answer and never succeeds', async () => {
    const token = await askToken(demo, { name: 'never.png', size: PNG.length, type: 'image/png' });
    demo.kodo?.faults.add({ kind: 'download', status: 503, times: 0 });
    assert.equal((await uploadForm(token, PNG, 'never.png')).status, 200);
    const row = () => demo.store.find(String(token.body['id']));
    await sweepAfter(23);
    assert.equal((await row())?.followed_up_at, null);
    await sweepUntil(25, async () => (await row())?.followed_up_at !== null);
    demo.kodo?.faults.clear();
    assert.equal((await row())?.color, null);
  });

  test('does what a crash left undone after an answer', async () => {
    demo.kodo?.faults.add({ kind: 'download', dropAtByte: 0, times: 0 });
    const token = await askToken(demo, { name: 'color.png', size: PNG.length, type: 'image/png' });
    assert.equal((await uploadForm(token, PNG, 'color.png')).status, 200);
    const row = () => demo.store.find(String(token.body['id']));
    await waitUntil(() => log.includes('work after a response failed'));
    demo.kodo?.faults.clear();
    assert.equal((await row())?.followed_up_at, null);
    await sweepUntil(1, async () => (await row())?.followed_up_at !== null);
    assert.match((await row())?.color ?? '', /^#[\da-f]{6}$/);
  });
});

describe('a private bucket', () => {
  test('is read by signed addresses, the same for a while', async () => {
    const closed = await startDemo({ kodo: { buckets: [{ name: 'demo', private: true }] } });
    try {
      const token = await askToken(closed, { name: 'p.png', size: PNG.length, type: 'image/png' });
      const reply = await uploadForm(token, PNG, 'p.png');
      const url = String(reply.body['url']);
      assert.equal((await fetch(url)).status, 200);
      assert.equal((await fetch(url.split('?')[0] ?? '')).status, 401);
      assert.equal((await fetch(url.replace(/e=\d+/, 'e=4102444800'))).status, 401);
      assert.deepEqual(await newest(closed), reply.body);
      const id = String(token.body['id']);
      await waitUntil(async () => (await closed.store.find(id))?.color !== null); // processing is asked for with a token too
      const { body } = await answerOf(await call(closed, 'GET', '/api/uploads'));
      const [listed] = body['uploads'] as { thumbnailUrl: string }[];
      assert.equal((await fetch(listed?.thumbnailUrl ?? '')).status, 200);
    } finally {
      await closed.close();
    }
  });
});

describe('callback', () => {
  for (const scheme of ['QBox', 'Qiniu'] as const) {
    test(`answers a callback signed ${scheme} with the upload as JSON`, async () => {
      const token = await askToken(demo, FILE);
      const { status, body } = await sendCallback(demo, callbackBody(token), { scheme });
      assert.equal(status, 200);
      const { createdAt, ...rest } = body;
      assert.ok(Math.abs(Date.parse(String(createdAt)) - Date.now()) < 60_000);
      assert.deepEqual(rest, {
        id: token.body['id'],
        key: token.body['key'],
        hash: 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ',
        size: 10,
        type: 'image/png',
        width: 4,
        height: 3,
        name: 'photo.PNG',
        url: `${demo.settings.domain}/${String(token.body['key'])}`,
      });
    });
  }

  test('stores one row and gives one answer however often and however fast it is called', async () => {
    const token = await askToken(demo, FILE);
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { status, body } = await sendCallback(demo, callbackBody(token));
        assert.equal(status, 200);
        return JSON.stringify(body);
      }),
    );
    assert.equal(new Set(bodies).size, 1);
    const { uploads } = (await list('?limit=100')).body as { uploads: { id: string }[] };
    assert.equal(uploads.filter(({ id }) => id === token.body['id']).length, 1);
  });

  test('refuses another hash, key, bucket and user for the same upload', async () => {
    const token = await askToken(demo, FILE);
    for (const fields of [{ key: 'elsewhere' }, { bucket: 'other' }, { endUser: 'another' }]) {
      assert.equal((await sendCallback(demo, callbackBody(token, fields))).status, 409);
    }
    const named = await askToken(demo, FILE, '?naming=save-key');
    for (const key of ['uploads/2026/01/31/AAAAAAAAAAAAAAAAAAAAAA.png', 'elsewhere']) {
      assert.equal((await sendCallback(demo, callbackBody(named, { key }))).status, 409, 'no saveKey of ours makes it');
    }
    assert.equal((await sendCallback(demo, callbackBody(token))).status, 200);
    const other = await sendCallback(demo, callbackBody(token, { hash: 'FpLiADEaVoALPkdb8tJEJyRTXoe_' }));
    assert.deepEqual([other.status, errorCode(other)], [409, 'upload-conflict']);
  });

  type Spoil = Parameters<typeof sendCallback>[2];
  const forged: readonly [string, (body: string) => Spoil][] = [
    ['another secret key', () => ({ secretKey: 'guess' })],
    ['another secret key, scheme Qiniu', () => ({ secretKey: 'guess', scheme: 'Qiniu' })],
    ['a changed body', (body) => ({ sent: body.replace('fsize=10', 'fsize=11') })],
    ['a body encoded in another way', (body) => ({ sent: body.replace('%2F', '%2f') })],
    ['no signature', () => ({ authorization: '' })],
    ['a scheme that does not exist', () => ({ authorization: 'Bearer abc:def' })],
    ['a signature without key', () => ({ authorization: 'QBox abc' })],
    ['another account’s access key', () => ({ authorization: 'QBox other:y_46CzQUwd6brxVO58dBe_FxT5U=' })],
  ];
  for (const [name, spoil] of forged) {
    test(`refuses ${name} with 401 and stores nothing`, async () => {
      const token = await askToken(demo, FILE);
      const body = callbackBody(token);
      const answer = await sendCallback(demo, body, spoil(body));
      assert.deepEqual([answer.status, errorCode(answer)], [401, 'bad-signature']);
      assert.equal((await demo.store.find(String(token.body['id'])))?.status, 'issued');
    });
  }

  test('answers an oversized body with 413, garbage with 400, an unknown upload with 404', async () => {
    assert.equal((await sendCallback(demo, 'x'.repeat(70_000))).status, 413);
    assert.equal((await sendCallback(demo, 'garbage')).status, 400);
    const token = await askToken(demo, FILE);
    assert.equal((await sendCallback(demo, callbackBody(token, { id: 'nothing' }))).status, 404);
  });
});

describe('confirm', () => {
  const confirm = async (id: unknown): Promise<Answer> =>
    answerOf(await call(demo, 'POST', `/api/uploads/${String(id)}/confirm`));

  test('gives the reply that a lost callback would have given, after asking Kodo', async () => {
    demo.kodo?.faults.add({ kind: 'form', callback: 'unreachable' });
    const token = await askToken(demo, { name: 'lost.png', size: PNG.length, type: 'image/png' });
    const before = await confirm(token.body['id']);
    assert.deepEqual([before.status, errorCode(before)], [404, 'not-stored']);
    assert.equal((await uploadForm(token, PNG, 'lost.png')).status, 579);
    const { status, body } = await confirm(token.body['id']);
    assert.equal(status, 200);
    assert.equal(body['key'], token.body['key']);
    assert.equal(body['size'], PNG.length);
    assert.deepEqual((await confirm(token.body['id'])).body, body);
    assert.deepEqual([body['width'], body['height']], [1, 1], 'Kodo was asked for what the callback would have told');
    assert.deepEqual(await newest(), body);
  });

  test('knows nothing of an upload that nobody was given', async () => {
    assert.equal((await confirm('nothing')).status, 404);
  });

  test('finds what saveKey named', async () => {
    demo.kodo?.faults.add({ kind: 'form', callback: 'unreachable' });
    const token = await askToken(demo, { name: 'named.png', size: PNG.length, type: 'image/png' }, '?naming=save-key');
    assert.equal((await confirm(token.body['id'])).status, 404);
    const lost = await uploadForm(token, PNG, 'named.png');
    assert.equal(lost.status, 579);
    const { status, body } = await confirm(token.body['id']);
    assert.equal(status, 200);
    assert.equal(body['key'], (JSON.parse(String(lost.body['error'])) as { key: string }).key);
    assert.deepEqual([body['width'], body['height']], [1, 1]);
  });

  test('answers although a picture cannot be measured', async () => {
    demo.kodo?.faults.add({ kind: 'form', callback: 'unreachable' }, { kind: 'download', status: 503, times: 0 });
    const token = await askToken(demo, { name: 'blind.png', size: PNG.length, type: 'image/png' });
    assert.equal((await uploadForm(token, PNG, 'blind.png')).status, 579);
    const { status, body } = await confirm(token.body['id']);
    demo.kodo?.faults.clear();
    assert.deepEqual([status, body['width']], [200, null]);
  });
});

describe('the whole flow', () => {
  test('file, token, Kodo, callback, reply, list', async () => {
    const token = await askToken(demo, { name: '图.png', size: PNG.length, type: 'image/png' });
    const reply = await uploadForm(token, PNG, '图.png');
    assert.equal(reply.status, 200);
    assert.equal(reply.body['width'], 1);
    assert.equal(reply.body['name'], '图.png');
    const picture = await fetch(String(reply.body['url']));
    assert.deepEqual(Buffer.from(await picture.arrayBuffer()), PNG);
    assert.deepEqual(await newest(), reply.body);
  });

  test('after the answer Kodo is asked for a picture’s colour, which the list then has', async () => {
    const token = await askToken(demo, { name: 'color.png', size: PNG.length, type: 'image/png' });
    await uploadForm(token, PNG, 'color.png');
    const id = String(token.body['id']);
    await waitUntil(async () => (await demo.store.find(id))?.color !== null);
    const { uploads } = (await list('?limit=1')).body as {
      uploads: { id: string; color: string; thumbnailUrl: string }[];
    };
    assert.equal(uploads[0]?.id, id);
    assert.match(uploads[0].color, /^#[\da-f]{6}$/);
    assert.match((await fetch(uploads[0].thumbnailUrl)).headers.get('content-type') ?? '', /^image\//);
  });

  test('with saveKey the callback brings the key', async () => {
    const token = await askToken(demo, { name: 'a.png', size: PNG.length, type: 'image/png' }, '?naming=save-key');
    const reply = await uploadForm(token, PNG, 'a.png');
    assert.match(String(reply.body['key']), /^uploads\/\d{4}\/\d\d\/\d\d\/[\w-]{22}\.png$/);
    assert.equal((await demo.store.find(String(token.body['id'])))?.key, reply.body['key']);
  });

  test('with returnBody the client gets what Kodo knows', async () => {
    const token = await askToken(demo, { name: 'a.bin', size: 10, type: '' }, '?reply=return-body');
    const reply = await uploadForm(token, bytes(10), 'a.bin');
    assert.equal(reply.body['key'], token.body['key']);
    assert.equal(reply.body['width'], null);
  });

  test('lists page by page, newest first, without gap or repetition', async () => {
    const ids: unknown[] = [];
    for (let i = 0; i < 5; i += 1) {
      const token = await askToken(demo, FILE);
      await sendCallback(demo, callbackBody(token));
      ids.unshift(token.body['id']);
    }
    const seen: { id: string; createdAt: string }[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '?limit=2' : `?limit=2&cursor=${cursor}`;
      const page = (await list(query)).body as { uploads: typeof seen; cursor?: string };
      seen.push(...page.uploads);
      ({ cursor } = page);
    } while (cursor !== undefined);
    assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length);
    const times = seen.map(({ createdAt }) => createdAt);
    assert.deepEqual(times, [...times].sort().reverse());
    assert.deepEqual(new Set(seen.slice(0, 5).map(({ id }) => id)), new Set(ids));
    assert.equal((await list('?limit=0')).status, 400);
  });

  test('loses nothing that was answered when it is restarted', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'demo-test-'));
    try {
      const first = await startDemo({ dataFolder });
      const token = await askToken(first, { name: 'a.png', size: PNG.length, type: 'image/png' });
      const reply = await uploadForm(token, PNG, 'a.png');
      await first.close();
      const second = await startDemo({ dataFolder });
      try {
        const cookie = await visitorOf(first);
        const { body } = await answerOf(await call(second, 'GET', '/api/uploads', { cookie }));
        const [upload] = body['uploads'] as Record<string, unknown>[];
        assert.equal(upload?.['id'], reply.body['id']);
        assert.equal((await fetch(String(upload?.['url']))).status, 200);
      } finally {
        await second.close();
      }
    } finally {
      await rm(dataFolder, { recursive: true, force: true });
    }
  });
});

describe('around it', () => {
  test('says that it is well', async () => {
    assert.deepEqual((await answerOf(await fetch(`${demo.origin}/healthz`))).body, { status: 'ok' });
  });

  test('serves the page under a strict policy that reaches the up host', async () => {
    const response = await fetch(`${demo.origin}/`);
    assert.equal(response.status, 200);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self'(;|$)/);
    assert.match(policy, new RegExp(`connect-src 'self' ${demo.kodo?.origin}`));
    assert.doesNotMatch(policy, /script-src [^;]*unsafe/);
  });

  test('answers an unknown address with 404 in JSON', async () => {
    assert.equal(errorCode(await answerOf(await fetch(`${demo.origin}/nothing`))), 'not-found');
  });

  test('against a real bucket without PUBLIC_URL issues tokens with returnBody', async () => {
    const qiniu = { accessKey: 'ak', secretKey: 'sk', bucket: 'b', domain: 'https://cdn.example.com', region: 'z1' };
    const real = await startDemo({ qiniu });
    try {
      assert.equal(real.kodo, undefined);
      const { body } = await askToken(real, FILE);
      assert.equal(policyOf(body['token'])['callbackUrl'], undefined);
      assert.ok(policyOf(body['token'])['returnBody']);
      assert.deepEqual(body['hosts'], ['https://upload-z1.qiniup.com', 'https://up-z1.qiniup.com']);
      const policy = (await fetch(`${real.origin}/`)).headers.get('content-security-policy') ?? '';
      assert.match(policy, /connect-src 'self' https:\/\/api\.qiniu\.com https:\/\/\*\.qiniup\.com(;|$)/);
      assert.equal((await sendCallback(real, 'id=1')).status, 404);
    } finally {
      await real.close();
    }
  });

  test('against a real bucket with PUBLIC_URL names the callback there', async () => {
    const qiniu = { accessKey: 'ak', secretKey: 'sk', bucket: 'b', domain: 'https://cdn.example.com', region: 'z0' };
    const real = await startDemo({ qiniu, publicUrl: 'https://www.example.com/shop/' });
    try {
      const { body } = await askToken(real, FILE);
      assert.equal(policyOf(body['token'])['callbackUrl'], 'https://www.example.com/shop/api/uploads/callback');
    } finally {
      await real.close();
    }
  });

  test('believes callbacks that are signed with keys of before', async () => {
    const before = { accessKey: 'old-ak', secretKey: 'old-sk' };
    const qiniu = { accessKey: 'ak', secretKey: 'sk', bucket: 'demo', domain: 'https://cdn.example.com' };
    const rotated = await startDemo({
      qiniu: { ...qiniu, previousKeys: [before] },
      publicUrl: 'https://www.example.com',
    });
    try {
      const token = await askToken(rotated, FILE);
      const as = (keys: typeof before): Demo => ({
        ...rotated,
        settings: { ...rotated.settings, ...keys },
      });
      const url = 'https://www.example.com/api/uploads/callback';
      assert.equal((await sendCallback(as(before), callbackBody(token), { url })).status, 200);
      assert.equal((await sendCallback(rotated, callbackBody(token), { url })).status, 200);
      const mixed = { ...before, secretKey: 'sk' };
      assert.equal((await sendCallback(as(mixed), callbackBody(token), { url })).status, 401);
    } finally {
      await rotated.close();
    }
  });

  test('logs neither secrets nor tokens nor signatures', () => {
    assert.match(log, /\/api\/uploads\/callback/);
    const { accessKey, secretKey } = demo.settings;
    for (const secret of [accessKey, secretKey]) assert.ok(!log.includes(secret));
    assert.doesNotMatch(log, /QBox|Qiniu [\w-]+:|eyJ/);
  });
});
