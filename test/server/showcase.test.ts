import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ShownExchange } from '../../demo-server/showcase/flow-feed.js';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { PNG } from '../support/test-data.js';
import { waitUntil } from '../support/wait-until.js';
import {
  answerOf,
  askToken,
  becomeVisitor,
  call,
  callbackBody,
  sendCallback,
  uploadForm,
  visitorOf,
} from './support.js';

const FILE = { name: 'a.png', size: PNG.length, type: 'image/png' };

let demo: Demo;
before(async () => {
  demo = await startDemo();
});
after(() => demo.close());

/** What a page hears from when it is opened on. */
async function listen(of: Demo, cookie: string) {
  const response = await call(of, 'GET', '/api/showcase/flow', { cookie });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.ok(response.body);
  const heard: ShownExchange[] = [];
  let text = '';
  const ended = (async (body: AsyncIterable<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        if (event.startsWith('data: ')) heard.push(JSON.parse(event.slice(6)) as ShownExchange);
      }
    }
  })(response.body);
  return { heard, ended };
}

describe('the stream of what happens', () => {
  test('tells a visitor of token, callback and confirm, with no token, signature or cookie', async () => {
    const { heard } = await listen(demo, await visitorOf(demo));
    const token = await askToken(demo, FILE);
    const reply = await uploadForm(token, PNG, 'a.png');
    await answerOf(await call(demo, 'POST', `/api/uploads/${String(token.body['id'])}/confirm`));
    await waitUntil(() => heard.length === 3);
    assert.deepEqual(
      heard.map(({ step, id, reply: { status } }) => [step, id, status]),
      ['token', 'callback', 'confirm'].map((step) => [step, token.body['id'], 200]),
    );
    const [issued, told] = heard;
    assert.deepEqual(issued?.request.body, FILE);
    assert.deepEqual(issued.reply.body, { ...token.body, token: '•••' });
    assert.equal((issued.policy as { scope: string }).scope, `demo:${String(token.body['key'])}`);
    assert.match(String(told?.request.body), new RegExp(`^id=${String(token.body['id'])}&bucket=demo&`));
    assert.equal(told?.request.headers['authorization'], `QBox ${demo.kodo?.accessKey}:•••`);
    assert.deepEqual(told.reply.body, reply.body);
    const text = JSON.stringify(heard);
    assert.doesNotMatch(text, /cookie|eyJ/);
    assert.ok(!text.includes(String(token.body['token'])));
  });

  test('tells of refusals too, and nobody else of anything', async () => {
    const { heard } = await listen(demo, await visitorOf(demo));
    const stranger = await listen(demo, await becomeVisitor(demo));
    const token = await askToken(demo, FILE);
    await sendCallback(demo, callbackBody(token), { secretKey: 'guess' });
    await askToken(demo, { ...FILE, size: -1 });
    await waitUntil(() => heard.length === 3);
    assert.deepEqual(
      heard.map(({ reply: { status } }) => status),
      [200, 401, 400],
    );
    assert.deepEqual(stranger.heard, []);
  });

  test('is open for six pages of a visitor at once', async () => {
    const cookie = await becomeVisitor(demo);
    const pages = await Promise.all(Array.from({ length: 6 }, () => listen(demo, cookie)));
    assert.equal((await call(demo, 'GET', '/api/showcase/flow', { cookie })).status, 503);
    await askToken(demo, FILE, '', cookie);
    await waitUntil(() => pages.every(({ heard }) => heard.length === 1));
  });

  test('ends in order when the server does, and is not broken off after its time to finish', async () => {
    const other = await startDemo();
    const { ended } = await listen(other, await visitorOf(other));
    await other.close();
    await ended; // a broken connection would throw
  });
});

describe('faults for show', () => {
  const order = (of: Demo, fault: unknown): Promise<Response> =>
    call(of, 'PUT', '/api/showcase/fault', { body: { fault } });

  test('are ordered one at a time, and taken back', async () => {
    const { faults } = (await answerOf(await call(demo, 'GET', '/api/showcase'))).body;
    assert.deepEqual(faults, ['none', 'callback', 'token', 'network']);
    for (const [fault, count] of [
      ['callback', 1],
      ['token', 2],
      ['none', 0],
    ] as const) {
      assert.equal((await order(demo, fault)).status, 204);
      assert.equal(demo.kodo?.faults.list().length, count);
    }
    assert.equal((await order(demo, 'fire')).status, 400);
    const headers = { 'sec-fetch-site': 'cross-site' };
    assert.equal((await call(demo, 'PUT', '/api/showcase/fault', { body: { fault: 'token' }, headers })).status, 403);
  });

  test('are not to be had of a real bucket', async () => {
    const qiniu = { accessKey: 'ak', secretKey: 'sk', bucket: 'b', domain: 'https://cdn.example.com' };
    const real = await startDemo({ qiniu });
    try {
      assert.deepEqual((await answerOf(await call(real, 'GET', '/api/showcase'))).body, { faults: [] });
      assert.equal((await order(real, 'token')).status, 404);
    } finally {
      await real.close();
    }
  });
});
