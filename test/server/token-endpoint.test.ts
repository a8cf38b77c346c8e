import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import { confirmEndpoint, tokenEndpoint, UploadError, type TokenAnswer } from '../../src/core.js';

interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly silent?: boolean;
  readonly headSilent?: boolean;
  readonly headers?: Record<string, string>;
}

const FILE = { name: '图 a&b.png', size: 5, type: 'image/png' };
const never = new AbortController().signal;

let answer: Answer;
let seen: { request: IncomingMessage; body: string } | undefined;
let url: string;

const server = createServer((request, response) => {
  void text(request).then((body) => {
    seen = { request, body };
    if (answer.silent) return;
    response.writeHead(answer.status ?? 200, answer.headers);
    if (answer.headSilent) response.flushHeaders();
    else response.end(answer.body ?? '');
  });
});
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  answer = {};
  seen = undefined;
});

async function failure(act: () => unknown): Promise<UploadError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof UploadError) return error;
    throw error;
  }
  throw new Error('It succeeded.');
}

describe('the token endpoint', () => {
  const ask = (options: Partial<Parameters<typeof tokenEndpoint>[0]> = {}) =>
    tokenEndpoint({ url, ...options })(FILE, { signal: never });

  test('POSTs the file’s facts as JSON, with the page’s headers', async () => {
    answer = { body: '{"token":"a:b:c","id":"7"}' };
    const given = await ask({ headers: () => Promise.resolve({ 'x-csrf': 'yes' }) });
    assert.deepEqual(JSON.parse(seen?.body ?? ''), FILE);
    assert.equal(seen?.request.method, 'POST');
    assert.equal(seen.request.headers['x-csrf'], 'yes');
    assert.equal((given as TokenAnswer & { id: string }).id, '7');
  });

  test('takes the server’s clock from the answer', async () => {
    answer = { body: '{"token":"a:b:c"}', headers: { date: 'Tue, 24 Nov 2026 00:00:00 GMT' } };
    assert.equal(((await ask()) as { serverTime: number }).serverTime, Date.UTC(2026, 10, 24));
  });

  test('asks by GET with a query, after one that is there, and keeps the fragment', async () => {
    answer = { body: '{"token":"a:b:c"}' };
    await ask({ url: `${url}?reply=return-body#x`, method: 'GET' });
    const query = new URL(seen?.request.url ?? '', url).searchParams;
    assert.deepEqual(Object.fromEntries(query), {
      reply: 'return-body',
      name: FILE.name,
      size: '5',
      type: 'image/png',
    });
  });

  const answers: readonly [string, string][] = [
    ['{"uptoken":"a:b:c"}', 'a:b:c'],
    ['a:b:c', 'a:b:c'],
    ['"a:b:c"', 'a:b:c'],
  ];
  for (const [body, token] of answers) {
    test(`understands ${body}`, async () => {
      answer = { body, headers: { date: '' } };
      const given = (await ask()) as string | Record<string, unknown>;
      assert.equal(typeof given === 'string' ? given : (given['token'] ?? given['uptoken']), token);
    });
  }

  const refusals: readonly [string, Answer, string, boolean][] = [
    ['HTML', { body: '<!doctype html><title>Login</title>' }, 'token-unreadable', true],
    ['no JSON', { body: 'oops' }, 'token-unreadable', true],
    ['nothing', { body: '' }, 'token-malformed', true],
    ['401', { status: 401, body: '{"error":{"message":"请先登录"}}' }, 'token-refused', true],
    ['403', { status: 403 }, 'token-refused', true],
    ['404', { status: 404, body: '<h1>Not found</h1>' }, 'token-denied', false],
    ['413', { status: 413 }, 'too-large', false],
    ['429', { status: 429 }, 'rate-limited', true],
    ['500', { status: 500, body: '<h1>Secrets of the stack</h1>' }, 'token-server-error', true],
  ];
  for (const [name, given, code, retryable] of refusals) {
    test(`answering ${name} is ${code}`, async () => {
      answer = given;
      const error = await failure(ask);
      assert.deepEqual([error.code, error.retryable], [code, retryable]);
      assert.doesNotMatch(error.message + String(error.serverMessage), /</);
      if (name === '401') assert.equal(error.serverMessage, '请先登录');
    });
  }

  test('that says nothing is given up in time, also after its head', async () => {
    for (const silence of [{ silent: true }, { headSilent: true }]) {
      answer = silence;
      assert.equal((await failure(() => ask({ timeout: 50 }))).code, 'token-timeout');
    }
  });

  test('that is not there is token-unreachable', async () => {
    assert.equal((await failure(() => ask({ url: 'http://127.0.0.1:9/' }))).code, 'token-unreachable');
  });

  test('can be stopped', async () => {
    answer = { silent: true };
    const controller = new AbortController();
    const asked = tokenEndpoint({ url })(FILE, { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(Promise.resolve(asked), reason);
  });

  test('that does not know an id any more says so', async () => {
    answer = { status: 404 };
    const error = await failure(() => tokenEndpoint({ url })({ ...FILE, id: 'x' }, { signal: never }));
    assert.equal(error.code, 'upload-unknown');
  });
});

describe('the confirm endpoint', () => {
  const ask = () =>
    confirmEndpoint({ url: `${url}/{id}/confirm` })({ id: 'a/b', key: 'k', hash: 'h' }, { signal: never });

  test('asks about the id, and gives the reply', async () => {
    answer = { body: '{"key":"k","size":5}' };
    assert.deepEqual(await ask(), { key: 'k', size: 5 });
    assert.equal(seen?.request.url, '/token/a%2Fb/confirm');
    assert.deepEqual(JSON.parse(seen.body), { id: 'a/b', key: 'k', hash: 'h' });
  });

  for (const [status, body, code] of [
    [404, '', 'upload-unknown'],
    [409, '', 'upload-unknown'],
    [429, '', 'rate-limited'],
    [500, '', 'token-server-error'],
    [200, '<html>', 'token-unreadable'],
  ] as const) {
    test(`answering ${status} ${body} is ${code}`, async () => {
      answer = { status, body };
      assert.equal((await failure(ask)).code, code);
    });
  }
});
