import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Running } from '../../demo-server/kodo/src/http/connections.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { inAnHour, KodoClient, openRequest, startBusiness, until } from './kodo-client.js';
import { entry, manage } from './management-client.js';
import { sendRaw } from './raw-http.js';

describe('the keys of a local Kodo (A11)', () => {
  test('are random, and other ones at each start without a folder (A11)', async () => {
    const [one, two] = await Promise.all([startKodo(), startKodo()]);
    try {
      for (const { accessKey, secretKey } of [one, two])
        assert.match(`${accessKey} ${secretKey}`, /^[\da-f]{40} [\da-f]{40}$/);
      assert.notEqual(one.accessKey, two.accessKey);
      assert.notEqual(one.secretKey, two.secretKey);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

  test('stay with a folder, are for its owner only, and those given win (A11)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kodo-keys-'));
    try {
      const started = await Promise.all(Array.from({ length: 5 }, () => startKodo({ folder })));
      const keys = started.map(({ accessKey, secretKey }) => `${accessKey} ${secretKey}`);
      await Promise.all(started.map((kodo) => kodo.close()));
      assert.equal(new Set(keys).size, 1, 'also where several start at once');
      assert.equal((await stat(join(folder, 'keys.json'))).mode & 0o077, 0);
      const given = await startKodo({ folder, accessKey: 'mine' });
      assert.equal(`mine ${String(keys[0]?.split(' ')[1])}`, `${given.accessKey} ${given.secretKey}`);
      await given.close();
      await writeFile(join(folder, 'keys.json'), '{}');
      await assert.rejects(startKodo({ folder }), /keys\.json contains no valid keys\. Delete it/);
      assert.equal(await readFile(join(folder, 'keys.json'), 'utf8'), '{}');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a web page (A11)', () => {
  let kodo: Kodo;
  before(async () => {
    kodo = await startKodo({ control: true });
  });
  after(() => kodo.close());

  test('may not control the local Kodo, from whatever origin (A11)', async () => {
    const asPage = async (method: string, path: string, headers: readonly string[]): Promise<number> => {
      const host = `Host: ${new URL(kodo.origin).host}`;
      const body = method === 'POST' ? '{"kind":"form","status":503}' : '';
      const reply = await sendRaw(kodo.origin, {
        method,
        path: `/_kodo/${path}`,
        headers: [host, ...headers, '{framing}'],
        body,
      });
      assert.ok(!reply.headers.some((line) => /^access-control/i.test(line)), 'no page can read the answer');
      return reply.status;
    };
    for (const origin of ['https://evil.test', 'null', kodo.origin]) {
      for (const [method, path] of [
        ['POST', 'faults'],
        ['DELETE', 'faults'],
        ['GET', 'requests'],
        ['OPTIONS', 'faults'],
      ] as const) {
        assert.equal(await asPage(method, path, [`Origin: ${origin}`]), 403, `${method} ${path} from ${origin}`);
      }
    }
    assert.equal(await asPage('GET', 'requests', ['Sec-Fetch-Site: cross-site']), 403);
    assert.equal(await asPage('GET', 'requests', ['Sec-Fetch-Site: none']), 200, 'a person typed the address');
    assert.deepEqual(kodo.faults.list(), []);
    assert.equal((await fetch(`${kodo.origin}/_kodo/requests`)).status, 200);
  });

  test('may read what browsers need, and nothing of management (A11)', async () => {
    const headers = { origin: 'http://page' };
    const mayRead = async (method: string, path: string): Promise<boolean> =>
      (await fetch(`${kodo.origin}${path}`, { method, headers })).headers.get('access-control-allow-origin') === '*';
    for (const [method, path] of [
      ['POST', '/'],
      ['OPTIONS', '/mkblk/1'],
      ['GET', `/v4/query?ak=${kodo.accessKey}&bucket=demo`],
      ['GET', '/status/get/prefop?id=x'],
      ['GET', '/-/demo/a'],
    ] as const) {
      assert.ok(await mayRead(method, path), `${method} ${path}`);
    }
    for (const path of [
      `/stat/${entry('demo', 'a')}`,
      `/delete/${entry('demo', 'a')}`,
      '/list?bucket=demo',
      '/batch',
      '/buckets',
      '/pfop',
    ]) {
      for (const method of ['POST', 'OPTIONS']) assert.ok(!(await mayRead(method, path)), `${method} ${path}`);
    }
  });
});

describe('closing (A hang)', () => {
  test('ends whatever is open (A hang)', { timeout: 30_000 }, async () => {
    const business = await startBusiness();
    business.answer = 'silence';
    const kodo = await startKodo({
      callbackTimeout: 2 ** 30,
      jobTime: 2 ** 30,
      faults: [
        { kind: 'make-block', delay: 2 ** 30 },
        { kind: 'part', stallAtByte: 1 },
        { kind: 'query', stall: true },
        { kind: 'put-base64', bytesPerSecond: 1 },
      ],
    });
    const client = new KodoClient(kodo);
    const ended: Promise<unknown>[] = [];
    const open = (method: string, path: string, length = 10): void => {
      const request = openRequest(kodo.origin, method, path, {
        authorization: `UpToken ${client.token()}`,
        'content-length': length,
      });
      if (length > 0) void request.write(bytes(5));
      else request.end();
      ended.push(request.response.catch(() => undefined));
    };
    const { path } = await client.initiate('parts', client.token());
    open('POST', '/mkblk/10');
    open('PUT', `/buckets/demo/objects/${path}/1`);
    open('POST', '/putb64/-1');
    open('GET', `/v2/query?ak=${kodo.accessKey}&bucket=demo`, 0);
    open('POST', '/');
    const policy = { callbackUrl: business.url, callbackBody: 'k=$(key)', deadline: inAnHour() };
    ended.push(client.postForm({ token: client.token(policy), key: 'silent' }, bytes(5)).catch(() => undefined));
    const job = { persistentOps: 'avthumb/mp4', persistentNotifyUrl: business.url };
    await client.postForm({ token: client.token(job), key: 'job' }, bytes(5));
    const idle: Socket = connect(Number(new URL(kodo.origin).port), '127.0.0.1');
    ended.push(new Promise((resolve) => idle.on('close', resolve).on('error', () => undefined)));
    idle.write('GET / HT');
    await until(() => business.seen.length === 1);
    await until(() => kodo.requests.filter(({ endedAt }) => endedAt === undefined).length >= 6);
    await Promise.all([kodo.close(), kodo.close()]);
    await Promise.all(ended);
    business.close();
  });

  test('says what it waited for in vain (A hang)', async () => {
    const running = new Running();
    let release = (): void => undefined;
    running.add(new Promise<void>((resolve) => (release = resolve)), 'POST /mkfile/1');
    running.add(Promise.resolve(), 'GET /');
    await assert.rejects(running.end(50), {
      message: 'The local Kodo closed, but after 50 ms these were still running: POST /mkfile/1.',
    });
    release();
    await running.end(5000);
  });
});

describe('transfer acceleration', () => {
  test('has a host of its own for buckets that have it, and is refused for others', async () => {
    const kodo = await startKodo({ buckets: [{ name: 'demo' }, { name: 'fast', accelerated: true }] });
    try {
      assert.ok(kodo.accelerationHost);
      const { host } = new URL(kodo.accelerationHost);
      const query = async (version: string, bucket: string): Promise<unknown> => {
        const response = await fetch(`${kodo.origin}/${version}/query?ak=${kodo.accessKey}&bucket=${bucket}`);
        return response.json();
      };
      const four = (await query('v4', 'fast')) as { hosts: [{ up: { acc_domains: string[]; domains: string[] } }] };
      assert.deepEqual([four.hosts[0].up.acc_domains, four.hosts[0].up.domains], [[host], [new URL(kodo.origin).host]]);
      const two = (await query('v2', 'fast')) as { up: { bucket_acc: { main: string[] } } };
      assert.deepEqual(two.up.bucket_acc.main, [host]);
      assert.ok(!JSON.stringify(await query('v4', 'demo')).includes('acc_domains'));
      const accelerated = new KodoClient({ ...kodo, origin: kodo.accelerationHost });
      const fields = (scope: string): Record<string, string> => ({ token: accelerated.token({ scope }), key: 'a' });
      assert.equal((await accelerated.postForm(fields('fast'), bytes(5))).status, 200);
      const refused = await accelerated.postForm(fields('demo'), bytes(5));
      assert.deepEqual(
        [refused.status, refused.text],
        [400, '{"error":"transfer acceleration is not configured on this bucket"}'],
      );
    } finally {
      await kodo.close();
    }
  });

  test('is known by the service’s own names, as are all hosts for who uses such names', async () => {
    const kodo = await startKodo({ buckets: [{ name: 'demo' }, { name: 'fast', region: 'na0', accelerated: true }] });
    try {
      const at = (host: string, method: string, path: string) =>
        sendRaw(kodo.origin, { method, path, headers: [`Host: ${host}`, '{framing}'] });
      const path = `/v4/query?ak=${kodo.accessKey}&bucket=fast`;
      const { hosts } = (await at('uc.qiniuapi.com', 'GET', path)).body as {
        hosts: [
          {
            up: { acc_domains: string[]; domains: string[]; old: string[] };
            io_src: { domains: string[] };
            rs: { domains: string[] };
          },
        ];
      };
      const [{ up, io_src: source, rs }] = hosts;
      assert.deepEqual(up.acc_domains, ['fast.kodo-accelerate.us-north-1.qiniucs.com']);
      assert.deepEqual(up.domains, ['upload-na0.qiniup.com', 'up-na0.qiniup.com']);
      assert.deepEqual([source.domains, rs.domains], [['fast.kodo-us-north-1.qiniucs.com'], ['rs-na0.qbox.me']]);
      const token = new KodoClient(kodo).token();
      const headers = [
        'Host: demo.kodo-accelerate.cn-east-1.qiniucs.com',
        `Authorization: UpToken ${token}`,
        '{framing}',
      ];
      const begun = await sendRaw(kodo.origin, { method: 'POST', path: '/buckets/demo/objects/~/uploads', headers });
      assert.equal(begun.text, '{"error":"transfer acceleration is not configured on this bucket"}');
    } finally {
      await kodo.close();
    }
  });
});

test('a request that the parser refuses is answered like any other', async () => {
  const kodo = await startKodo();
  try {
    const received = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(new URL(kodo.origin).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('close', () => resolve(text));
    });
    assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(received, /\r\nX-Reqid: [\w-]{16}\r\n/);
    assert.match(received, /\{"error":"malformed request"\}$/);
  } finally {
    await kodo.close();
  }
});

test('a management call is signed by the account of this Kodo alone', async () => {
  const [one, other] = await Promise.all([startKodo(), startKodo()]);
  try {
    const { origin } = one;
    assert.equal((await manage({ ...other, origin }, '/buckets')).status, 401);
    assert.equal((await manage(one, '/buckets')).status, 200);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});
