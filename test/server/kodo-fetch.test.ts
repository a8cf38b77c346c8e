import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { Outbound } from '../../demo-server/kodo/src/outbound/outbound.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { innerOf, KodoClient, startBusiness, until, type Reply } from './kodo-client.js';
import { startDemo } from '../../demo-server/start-demo.js';
import { base64, entry, manage } from './management-client.js';
import { askToken, uploadForm } from './support.js';

const answer: RequestListener = (req, res) => {
  if (req.url === '/redirect') res.writeHead(302, { location: '/page.html' }).end();
  else if (req.url === '/away') res.writeHead(302, { location: 'http://192.0.2.1/' }).end();
  else if (req.url === '/broken') res.writeHead(500).end();
  else if (req.url === '/loop') res.writeHead(302, { location: '/loop' }).end();
  else if (req.url?.startsWith('/page') === true)
    res.writeHead(200, { 'content-type': 'text/html' }).end(req.headers.host);
  else res.writeHead(404).end();
};
const web = createServer(answer);
let site: string;
let kodo: Kodo;
before(async () => {
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  kodo = await startKodo();
});
after(async () => {
  await kodo.close();
  web.close();
});

const fetchFrom = (url: string, key?: string, rest = ''): Promise<Reply> =>
  manage(kodo, `/fetch/${base64(url)}/to/${entry('demo', key)}${rest}`);

describe('fetch', () => {
  test('stores what an address answers, by its name or its hash', async () => {
    const named = await fetchFrom(`${site}/page.html`, 'page', `/host/${base64('shop.test')}`);
    assert.deepEqual(
      [named.status, named.body['key'], named.body['mimeType'], named.body['fsize']],
      [200, 'page', 'text/html', 9],
    );
    assert.equal(await (await fetch(`${kodo.domain('demo')}/page`)).text(), 'shop.test');
    const nameless = await fetchFrom(`${site}/redirect`);
    assert.equal(nameless.body['key'], nameless.body['hash']);
  });

  test('says what is wrong with an address', async () => {
    const status = async (path: string): Promise<number> => (await fetchFrom(`${site}${path}`, 'x')).status;
    assert.deepEqual([await status('/none'), await status('/broken'), await status('/loop')], [404, 478, 478]);
    assert.equal((await fetchFrom('http://127.0.0.1:1/', 'x')).status, 478);
    assert.deepEqual(
      [(await fetchFrom('file:///etc/passwd', 'x')).status, (await fetchFrom('no url', 'x')).status],
      [400, 400],
    );
    assert.equal((await manage(kodo, `/fetch/${base64(site)}/to/${entry('none', 'x')}`)).status, 631);
    assert.equal(kodo.object('demo', 'x'), undefined);
  });

  test('is done later by /sisyphus/fetch, which calls back', async () => {
    const business = await startBusiness();
    try {
      const order = {
        url: `http://127.0.0.1:1/;${site}/page.html`,
        bucket: 'demo',
        key: 'later',
        callbackurl: business.url,
        callbackbody: 'key=$(key)&size=$(fsize)',
      };
      const { status, body } = await manage(kodo, '/sisyphus/fetch', {
        body: JSON.stringify(order),
        type: 'application/json',
      });
      assert.deepEqual([status, body['wait']], [200, 0]);
      await until(() => business.seen.length === 1);
      assert.match(business.seen[0]?.body ?? '', /^key=later&size=\d+$/);
      const path = `/sisyphus/fetch?id=${String(body['id'])}`;
      await until(async () => (await manage(kodo, path, { method: 'GET' })).body['wait'] === -1);
      assert.equal((await manage(kodo, '/sisyphus/fetch?id=none', { method: 'GET' })).status, 612);
    } finally {
      business.close();
    }
  });

  test('brings an object from a bucket’s mirror source', async () => {
    const prefetch = (key: string): Promise<Reply> => manage(kodo, `/prefetch/${entry('demo', key)}`);
    assert.equal((await prefetch('page-2.html')).status, 404);
    assert.equal((await manage(kodo, `/image/demo/from/${base64(site)}`)).status, 200);
    assert.deepEqual(
      [(await prefetch('page-2.html')).body['key'], (await prefetch('none')).status],
      ['page-2.html', 404],
    );
    assert.ok(kodo.object('demo', 'page-2.html'));
  });
});

describe('what the local Kodo calls', () => {
  const away = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

  test('is this machine only: another address is refused, also by a redirect (A11)', async () => {
    for (const url of ['http://192.0.2.1/', 'http://0.0.0.0/', 'http://[2001:db8::1]/', `${site}/away`]) {
      const { status, text } = await fetchFrom(url, 'x');
      assert.equal(status, 403, url);
      assert.match(text, /--callback-hosts/);
    }
  });

  test('is refused as a failed callback that says what to do (A11)', async () => {
    const client = new KodoClient(kodo);
    const policy = { callbackUrl: 'http://192.0.2.1/callback', callbackBody: 'k=$(key)' };
    const reply = await client.postForm({ token: client.token(policy), key: 'called' }, Buffer.from('x'));
    assert.equal(reply.status, 579);
    assert.match(
      String(innerOf(reply)['error']),
      /^Post "http:\/\/192\.0\.2\.1\/callback": dial tcp: .*--callback-hosts/,
    );
  });

  test('may be other hosts where the options say so (A11)', { skip: away === undefined }, async () => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, away, resolve));
    const url = `http://${away}:${(server.address() as AddressInfo).port}/page.html`;
    const open = await startKodo({ callbackHosts: [String(away)] });
    try {
      assert.equal((await fetchFrom(url, 'x')).status, 403);
      assert.equal((await manage(open, `/fetch/${base64(url)}/to/${entry('demo', 'x')}`)).status, 200);
    } finally {
      await open.close();
      server.close();
    }
  });

  test(
    'is the demo’s own server, also where that listens on another address',
    { skip: away === undefined },
    async () => {
      const demo = await startDemo({ host: String(away) });
      try {
        const token = await askToken(demo, { name: 'a.txt', size: 1, type: 'text/plain' });
        assert.equal((await uploadForm(token, Buffer.from('x'), 'a.txt')).status, 200);
      } finally {
        await demo.close();
      }
    },
  );

  test('is judged by the address that a name has, and by patterns of names (A11)', async () => {
    const reach = async (allowed: readonly string[], url: string): Promise<string> => {
      const outbound = new Outbound(allowed);
      try {
        return await new Promise((resolve) => {
          const request = outbound.request(new URL(url), { method: 'GET' });
          request
            .on('response', (response) => resolve(String(response.resume().statusCode)))
            .on('error', (error) => resolve(error.name))
            .end();
        });
      } finally {
        outbound.close();
      }
    };
    const { port } = new URL(site);
    assert.equal(await reach([], `http://localhost:${port}/page.html`), '200');
    assert.throws(() => new Outbound(['*.example.com']).request(new URL('http://192.0.2.1/'), {}), {
      name: 'HostRefused',
    });
    const allowed = new Outbound(['*']).request(new URL('http://192.0.2.1/'), {});
    allowed.on('error', () => undefined).destroy();
  });
});
