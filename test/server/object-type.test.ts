import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pino from 'pino';
import { isExecutable, isTypeAllowed, mimeLimitOf } from '../../demo-server/qiniu/object-type.js';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { sweep } from '../../demo-server/uploads/sweeper.js';
import { waitUntil } from '../support/wait-until.js';
import { answerOf, askToken, call, policyOf, uploadForm, type Answer } from './support.js';

const logger = pino({ level: 'silent' });

/** What attackers store under a harmless name. */
const ACTIVE: readonly (readonly [string, string])[] = [
  ['HTML', '<!doctype html><script>alert(1)</script>'],
  ['HTML behind a comment', '<!-- --><html><script>alert(1)</script></html>'],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ['XHTML', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'],
  ['XML', '<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>'],
];

/** Kodo finds no type in it and takes it from the name. */
const HIDDEN = Buffer.from('\u0001<script>alert(1)</script>');

describe('what browsers run', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  const ask = (name: string, data: Buffer, query = ''): Promise<Answer> =>
    askToken(demo, { name, size: data.length, type: 'image/png' }, query);

  for (const [what, content] of ACTIVE) {
    test(`is refused by Kodo under a harmless name: ${what} (A5)`, async () => {
      const data = Buffer.from(content);
      for (const query of ['', '?reply=return-body', '?naming=save-key']) {
        const token = await ask('photo.png', data, query);
        const answer = await uploadForm(token, data, 'photo.png');
        assert.equal(answer.status, 403, JSON.stringify(answer.body));
      }
    });
  }

  for (const name of ['page.html', 'page.xhtml', 'picture.svg', 'feed.rss', 'script.js']) {
    test(`is removed when Kodo takes the type from the name: ${name} (A5)`, async () => {
      const token = await ask('photo.bin', HIDDEN);
      const key = String(token.body['key']);
      const answer = await uploadForm(token, HIDDEN, name);
      assert.equal(answer.status, 579, 'the callback refuses it');
      await waitUntil(() => demo.kodo?.object('demo', key) === undefined);
      assert.equal((await demo.store.find(String(token.body['id'])))?.status, 'deleted');
    });
  }

  test('is removed by whoever finds it first where there is no callback (A5)', async () => {
    const [confirmed, swept] = [
      await ask('photo.bin', HIDDEN, '?reply=return-body'),
      await ask('photo.bin', HIDDEN, '?reply=return-body'),
    ];
    for (const token of [confirmed, swept]) {
      assert.equal((await uploadForm(token, HIDDEN, 'page.html')).status, 200);
    }
    const answer = await answerOf(await call(demo, 'POST', `/api/uploads/${String(confirmed.body['id'])}/confirm`));
    assert.deepEqual([answer.status, (answer.body['error'] as { code: string }).code], [403, 'type-forbidden']);
    await waitUntil(() => demo.kodo?.object('demo', String(confirmed.body['key'])) === undefined);
    await sweep({ ...demo, logger }, Date.now() + 2 * 3_600_000);
    assert.equal(demo.kodo?.object('demo', String(swept.body['key'])), undefined);
    assert.equal(await demo.store.find(String(swept.body['id'])), undefined);
  });

  test('is refused before a byte is sent where the client states its type (A5)', async () => {
    for (const type of ['text/html', 'image/svg+xml', 'Text/HTML; charset=utf-8']) {
      const { status, body } = await askToken(demo, { name: 'a', size: 1, type });
      assert.deepEqual([status, (body['error'] as { code: string }).code], [415, 'type-forbidden']);
    }
  });
});

describe('ALLOWED_TYPES', () => {
  test('can allow every type, also those that browsers run (A5)', async () => {
    const demo = await startDemo({ allowedTypes: '*' });
    try {
      const data = Buffer.from('<!doctype html><p>');
      const token = await askToken(demo, { name: 'page.html', size: data.length, type: 'text/html' });
      assert.equal(policyOf(token.body['token'])['mimeLimit'], undefined);
      assert.equal((await uploadForm(token, data, 'page.html')).status, 200);
    } finally {
      await demo.close();
    }
  });

  test('allows what browsers run only by name: image/* does not name SVG (A5)', async () => {
    const demo = await startDemo({ allowedTypes: 'image/*' });
    try {
      const data = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
      const token = await askToken(demo, { name: 'a.png', size: data.length, type: 'image/png' });
      assert.equal(policyOf(token.body['token'])['mimeLimit'], 'image/*');
      assert.equal((await uploadForm(token, data, 'a.png')).status, 579);
      await waitUntil(() => demo.kodo?.object('demo', String(token.body['key'])) === undefined);
    } finally {
      await demo.close();
    }
    assert.equal(isTypeAllowed('image/svg+xml', 'image/*;image/svg+xml'), true);
    assert.equal(isTypeAllowed('image/svg+xml', '!video/mp4'), false);
    assert.match(mimeLimitOf('!video/mp4') ?? '', /^!video\/mp4;text\/html;/);
  });

  test('takes documents and data for what they are, which browsers do not run', () => {
    const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    for (const type of [docx, 'application/pdf', 'text/plain', 'text/csv', 'application/json', 'image/png', '']) {
      assert.equal(isExecutable(type), false, type);
    }
    for (const type of ['application/vnd.mozilla.xul+xml', 'text/javascript1.5', 'application/x-ecmascript']) {
      assert.equal(isExecutable(type), true, type);
    }
  });
});
