import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { startDemo as start, type Demo, type DemoOptions } from '../../demo-server/start-demo.js';
import { waitUntil } from '../support/wait-until.js';
import { answerOf, askToken, call, callbackBody, FORM, sendCallback, visitorOf } from './support.js';

const FILE = { name: 'photo.png', size: 10, type: 'image/png' };
const QUERY = '/api/uploads/token?name=a.png&size=10&type=image/png';

const startDemo = (options: DemoOptions = {}): Promise<Demo> =>
  start({ databaseUrl: process.env['TEST_DATABASE_URL'], ...options });

/** A request with exactly these headers, as browsers on plain HTTP and proxies send them. */
async function send(
  demo: Demo,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly code: unknown }> {
  const outgoing = request(`${demo.origin}${path}`, { method, headers });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const received = await text(answer);
  const parsed = received.startsWith('{') ? (JSON.parse(received) as { error?: { code?: unknown } }) : {};
  return { status: answer.statusCode ?? 0, headers: answer.headers, code: parsed.error?.code };
}

let demo: Demo;
let log = '';
before(async () => {
  demo = await startDemo({
    logLevel: 'info',
    logTo: new Writable({
      write(chunk: Buffer, _encoding, done): void {
        log += chunk.toString();
        done();
      },
    }),
  });
});
after(() => demo.close());

describe('GET for a token', () => {
  const chrome = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';
  const refused: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['a navigation', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'none' }],
    ['a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }],
    ['a picture', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-origin' }],
    ['a script', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script', 'sec-fetch-site': 'same-origin' }],
    ['a module', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'script', 'sec-fetch-site': 'same-origin' }],
    ['a prefetch', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }],
    ['a navigation on plain HTTP', { accept: chrome }],
    ['a picture on plain HTTP', { accept: 'image/avif,image/webp,image/*,*/*;q=0.8' }],
    ['a script on plain HTTP', { accept: '*/*' }],
    ['a style sheet on plain HTTP', { accept: 'text/css,*/*;q=0.1' }],
    ['a request that asks for nothing', {}],
    ['a page elsewhere, by its Referer', { accept: 'application/json', referer: 'http://elsewhere.example/page' }],
    ['a page elsewhere, by its Origin', { accept: 'application/json', origin: 'http://elsewhere.example' }],
  ];
  for (const [what, headers] of refused) {
    test(`is refused to ${what}, and makes nothing (A9)`, async () => {
      const cookie = await visitorOf(demo);
      const before = await usage(cookie);
      const { status } = await send(demo, 'GET', QUERY, { cookie, ...headers });
      assert.equal(status, 403);
      assert.deepEqual(await usage(cookie), before);
    });
  }

  const answered: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['fetch()', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }],
    ['fetch() of the same origin only', { 'sec-fetch-mode': 'same-origin', 'sec-fetch-site': 'same-origin' }],
    ['the element on plain HTTP', { accept: 'application/json' }],
    ['axios on plain HTTP', { accept: 'application/json, text/plain, */*' }],
    ['XMLHttpRequest with its header', { accept: '*/*', 'x-requested-with': 'XMLHttpRequest' }],
  ];
  for (const [what, headers] of answered) {
    test(`is answered to ${what}`, async () => {
      assert.equal((await send(demo, 'GET', QUERY, { cookie: await visitorOf(demo), ...headers })).status, 200);
    });
  }

  async function usage(cookie: string): Promise<unknown> {
    const id = decodeURIComponent(cookie.split('=')[1] ?? '').replace(/^s:([^.]+)\..*/, '$1');
    return demo.store.usageOf(id);
  }
});

describe('a callback whose signature does not cover its body (A10)', () => {
  test('is refused: QBox signs no JSON, so its signature would carry any body', async () => {
    const token = await askToken(demo, FILE);
    const forged = callbackBody(token, { fsize: '999', hash: 'forged' });
    for (const contentType of ['application/json', 'text/plain', `${FORM}; charset=utf-8`, 'multipart/form-data']) {
      // The signature is Qiniu's own, of another body: that is all that an attacker needs.
      const answer = await sendCallback(demo, callbackBody(token), { contentType, sent: forged });
      assert.equal(answer.status, 401, contentType);
    }
    assert.equal((await demo.store.find(String(token.body['id'])))?.status, 'issued');
  });

  test('is refused: Qiniu signs the body of every type but application/octet-stream', async () => {
    const token = await askToken(demo, FILE);
    const body = callbackBody(token);
    const contentType = 'application/octet-stream';
    const answer = await sendCallback(demo, '', { scheme: 'Qiniu', contentType, sent: body });
    assert.equal(answer.status, 401);
    assert.equal((await sendCallback(demo, body, { scheme: 'Qiniu' })).status, 200);
  });
});

describe('a client’s mistakes are 4xx, and not errors in the log (low)', () => {
  const json = { 'content-type': 'application/json' };
  const mistakes: readonly (readonly [string, number, () => Promise<{ readonly status: number }>])[] = [
    ['an unknown charset', 415, () => post({ 'content-type': 'application/json; charset=klingon' }, '{}')],
    ['a broken gzip', 400, () => post({ ...json, 'content-encoding': 'gzip' }, 'not gzip')],
    ['an unknown encoding', 415, () => post({ ...json, 'content-encoding': 'zip' }, '{}')],
    ['%ff in an id', 400, () => call(demo, 'DELETE', '/api/uploads/%ff')],
    ['%00 in an id', 404, () => call(demo, 'POST', '/api/uploads/%00/confirm')],
    ['%ff in the path of a file', 404, () => call(demo, 'GET', '/%ff')],
    ['a bad range', 416, () => call(demo, 'GET', '/page.css', { headers: { range: 'bytes=999999999-' } })],
    ['NUL in a name', 400, () => call(demo, 'POST', '/api/uploads/token', { body: { ...FILE, name: 'a\0b' } })],
    ['NUL in a type', 400, () => call(demo, 'POST', '/api/uploads/token', { body: { ...FILE, type: 'a\0b' } })],
    ['NUL in a renewed id', 400, () => call(demo, 'POST', '/api/uploads/token', { body: { ...FILE, id: 'a\0b' } })],
    ['no size', 400, () => call(demo, 'POST', '/api/uploads/token', { body: { ...FILE, size: null } })],
    [
      'half a surrogate pair',
      200,
      () => call(demo, 'POST', '/api/uploads/token', { body: '{"name":"\\ud800","size":1}' }),
    ],
    [
      'a cursor with NUL in it',
      200,
      () => call(demo, 'GET', `/api/uploads?cursor=${Buffer.from('1:a\0b').toString('base64url')}`),
    ],
    ['a cursor twice', 400, () => call(demo, 'GET', '/api/uploads?cursor=a&cursor=b')],
    ['a compressed callback', 415, () => callback({ 'content-encoding': 'gzip' })],
    ['a cookie that is nonsense', 200, () => call(demo, 'GET', '/api/uploads', { cookie: 'uploader-visitor=s%3A%ff' })],
  ];
  const post = (headers: Readonly<Record<string, string>>, body: string) =>
    call(demo, 'POST', '/api/uploads/token', { headers, body });
  const callback = (headers: Readonly<Record<string, string>>) =>
    fetch(`${demo.origin}/api/uploads/callback`, { method: 'POST', headers, body: 'id=1' });
  for (const [what, status, ask] of mistakes) {
    test(`${what}: ${status}`, async () => {
      assert.equal((await ask()).status, status);
    });
  }

  test('NUL in a signed callback: 400', async () => {
    const token = await askToken(demo, FILE);
    assert.equal((await sendCallback(demo, callbackBody(token, { mimeType: 'image/png\0' }))).status, 400);
  });

  test('a client that goes away in the middle of its request, or before its answer', async () => {
    const { port } = new URL(demo.origin);
    const before = log.length;
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /api/uploads/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    // It was sent before this one, which is answered.
    assert.equal((await call(demo, 'GET', '/healthz')).status, 200);
    socket.destroy();
    await waitUntil(() => log.slice(before).includes('/api/uploads/token'));
  });

  after(() => {
    for (const line of log.trim().split('\n')) {
      const { level, msg } = JSON.parse(line) as { level: number; msg: string };
      assert.ok(level < 50, `an error was logged: ${msg} ${line}`);
    }
  });
});

describe('behind a proxy', () => {
  const ask = (of: Demo, headers: Readonly<Record<string, string>>) =>
    send(of, 'POST', '/api/uploads/token', { 'content-type': 'application/json', ...headers }, JSON.stringify(FILE));

  test('on plain HTTP the page’s address comes in X-Forwarded-Host, from a trusted proxy only (F20)', async () => {
    const proxied = await startDemo({ trustedProxies: 1 });
    try {
      const origin = 'http://intranet:8080';
      const { host } = new URL(proxied.origin);
      const nginx = await ask(proxied, { host, origin });
      assert.deepEqual([nginx.status, nginx.code], [403, 'cross-site'], 'nginx’s default Host hides the address');
      assert.equal((await ask(proxied, { host, origin, 'x-forwarded-host': 'intranet:8080' })).status, 200);
      assert.equal((await ask(proxied, { host, origin, 'x-forwarded-host': 'INTRANET:8080' })).status, 200);
      assert.equal((await ask(proxied, { host: 'intranet', origin })).status, 200, 'nginx’s $host is without its port');
      assert.equal((await ask(proxied, { host, origin, 'x-forwarded-host': 'elsewhere:8080' })).status, 403);
      assert.equal((await ask(proxied, { host: 'intranet:9090', origin })).status, 403);
      assert.equal(
        (await ask(demo, { host, origin, 'x-forwarded-host': 'intranet:8080' })).status,
        403,
        'nobody is trusted',
      );
      assert.equal((await ask(demo, { host: 'intranet', origin })).status, 403);
    } finally {
      await proxied.close();
    }
  });

  test('a refusal says what the proxy must pass on (F20)', async () => {
    const answer = await answerOf(
      await call(demo, 'POST', '/api/uploads/token', { body: FILE, headers: { origin: 'http://intranet' } }),
    );
    const { message } = answer.body['error'] as { message: string };
    assert.match(message, /the server sees 127\.0\.0\.1:\d+\).*X-Forwarded-Host and set TRUSTED_PROXIES/);
  });

  test('the origin in PUBLIC_URL is the server’s own (F20)', async () => {
    const qiniu = { accessKey: 'ak', secretKey: 'sk', bucket: 'b', domain: 'https://cdn.example.com' };
    const real = await startDemo({ qiniu, publicUrl: 'http://www.example.com/shop' });
    try {
      assert.equal((await ask(real, { origin: 'http://www.example.com' })).status, 200);
      assert.equal((await ask(real, { origin: 'http://www.example.org' })).status, 403);
    } finally {
      await real.close();
    }
  });
});

describe('the cookie', () => {
  const cookieOf = async (of: Demo, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
    String((await send(of, 'GET', '/', headers)).headers['set-cookie']);
  const https = { 'x-forwarded-proto': 'https' };

  test('is __Host- on HTTPS, and another name is not believed there (A5)', async () => {
    const proxied = await startDemo({ trustedProxies: 1 });
    try {
      const plain = await cookieOf(proxied);
      assert.match(plain, /^uploader-visitor=[^;]+; Max-Age=\d+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
      const secure = await cookieOf(proxied, https);
      assert.match(secure, /^__Host-uploader-visitor=[^;]+; Max-Age=\d+; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
      // A sibling domain could set the plain one.
      const tossed = await cookieOf(proxied, { ...https, cookie: plain.split(';')[0] ?? '' });
      assert.match(tossed, /^__Host-/);
      const kept = await send(proxied, 'GET', '/', { ...https, cookie: secure.split(';')[0] ?? '' });
      assert.equal(kept.headers['set-cookie'], undefined);
      assert.doesNotMatch(await cookieOf(demo, https), /__Host-/, 'nobody is trusted to say so');
    } finally {
      await proxied.close();
    }
  });

  test('is kept in frames of other sites that FRAMED_BY names (F20)', async () => {
    const framed = await startDemo({ trustedProxies: 1, framedBy: ['https://portal.example'] });
    try {
      assert.match(await cookieOf(framed, https), /; HttpOnly; Secure; Partitioned; SameSite=None$/);
      assert.match(await cookieOf(framed), /; SameSite=Lax$/, 'browsers take the other by HTTPS only');
      const { headers } = await send(framed, 'GET', '/', {});
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'self' https:\/\/portal\.example(;|$)/);
      assert.equal(headers['x-frame-options'], undefined);
      const own = (await send(demo, 'GET', '/', {})).headers;
      assert.match(String(own['content-security-policy']), /frame-ancestors 'self'(;|$)/);
      assert.equal(own['x-frame-options'], 'SAMEORIGIN');
    } finally {
      await framed.close();
    }
  });
});

describe('an origin in ALLOWED_ORIGINS', () => {
  const origin = 'https://app.example.com';

  test('may send credentials, and read how long to wait, in every answer (F13)', async () => {
    const open = await startDemo({
      allowedOrigins: [origin],
      tokensPerMinute: 1,
      maxOpenUploads: 1,
      trustedProxies: 1,
    });
    try {
      const cookie = await visitorOf(open);
      const headers = { origin, 'sec-fetch-site': 'same-site', 'x-forwarded-for': '192.0.2.77' };
      const ask = () => call(open, 'POST', '/api/uploads/token', { cookie, body: FILE, headers });
      const confirm = () => call(open, 'POST', '/api/uploads/none/confirm', { cookie, headers });
      const answers = [await ask(), await ask(), await confirm(), await confirm()];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 429, 404, 429],
      );
      for (const answer of answers) {
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
        assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
        assert.equal(answer.headers.get('access-control-expose-headers'), 'Date,Retry-After');
        assert.match(answer.headers.get('vary') ?? '', /origin/i);
        if (answer.status === 429) assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      }
      const preflight = await fetch(`${open.origin}/api/uploads/token`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-csrf-token',
        },
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
      assert.equal(preflight.headers.get('access-control-allow-headers'), 'content-type,x-csrf-token');
      const other = await fetch(`${open.origin}/api/uploads/token`, {
        method: 'OPTIONS',
        headers: { origin: `${origin}.evil.example`, 'access-control-request-method': 'POST' },
      });
      assert.equal(other.headers.get('access-control-allow-origin'), null);
    } finally {
      await open.close();
    }
  });
});
