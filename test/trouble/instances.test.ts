import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { Store } from '../../demo-server/uploads/store.js';
import { startDemoProcess, type DemoProcess } from '../support/demo-process.js';
import { bytes } from '../support/test-data.js';
import { answerOf, asAnswered, askToken, becomeVisitor, call, uploadForm, type Answer } from '../server/support.js';

const UPLOADS = 200;

/** An instance on a Kodo and a database that it shares. */
function startInstance(kodo: Kodo, publicUrl: string, databaseUrl: string): Promise<DemoProcess> {
  return startDemoProcess({
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: publicUrl,
    SESSION_SECRET: 'the-same-secret-for-both-instances',
    QINIU_ACCESS_KEY: kodo.accessKey,
    QINIU_SECRET_KEY: kodo.secretKey,
    QINIU_BUCKET: 'demo',
    QINIU_DOMAIN: kodo.domain('demo'),
    QINIU_ENDPOINT: kodo.origin,
  });
}

/** Sends each request to one instance in turn, to the other where that is gone, and callbacks to both. */
class Balancer {
  readonly instances: DemoProcess[] = [];
  readonly server: Server;
  callbacks = 0;
  #turn = 0;

  constructor() {
    this.server = createServer((req, res) => void this.#pass(req, res));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async #pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    this.#turn += 1;
    const [first, second] = this.#turn % 2 === 0 ? [0, 1] : [1, 0];
    const isCallback = req.url === '/api/uploads/callback';
    const answer = (await this.#send(first, req, body)) ?? (await this.#send(second, req, body));
    if (answer === undefined) {
      res.writeHead(502).end();
      return;
    }
    if (isCallback) {
      this.callbacks += 1;
      const again = await this.#send(second, req, body);
      if (again !== undefined && answer.status === 200) {
        assert.equal(again.status, 200);
        assert.equal(String(again.body), String(answer.body), 'both give one answer');
        this.callbacks += 1;
      }
    }
    res.writeHead(answer.status, answer.headers).end(answer.body);
  }

  /** @returns nothing where the instance is gone */
  #send(index: number, { method, url, headers }: IncomingMessage, body: Buffer) {
    const origin = this.instances[index]?.origin ?? '';
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer } | undefined>((resolve) => {
      const outgoing = request(`${origin}${url ?? ''}`, { method, headers }, (answer) => {
        buffer(answer).then(
          (received) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: received }),
          () => resolve(undefined),
        );
      });
      outgoing.on('error', () => resolve(undefined));
      outgoing.end(body);
    });
  }
}

/** As the element does: what fails that may pass is tried again, and what is stored but not confirmed is asked for. */
async function upload(site: Balancer, cookie: string, index: number): Promise<Answer> {
  const data = bytes(1000 + index);
  const name = `file-${index}.bin`;
  const token = await untilOk(() => askToken(site, { name, size: data.length, type: '' }, '', cookie));
  const reply = await uploadForm(token, data, name);
  if (reply.status === 200) return reply;
  assert.equal(reply.status, 579, JSON.stringify(reply.body));
  return untilOk(async () =>
    answerOf(await call(site, 'POST', `/api/uploads/${String(token.body['id'])}/confirm`, { cookie })),
  );
}

async function untilOk(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask().catch((error: unknown) => error);
    if (answer instanceof Error || (answer as Answer).status !== 200) {
      if (attempt >= 10) throw new Error(`It never answered: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** Math.min(attempt, 4)));
    } else return answer as Answer;
  }
}

const databaseUrl = process.env['TEST_DATABASE_URL'];
const options = databaseUrl === undefined ? { skip: 'TEST_DATABASE_URL names no database' } : { timeout: 120_000 };

test('two instances lose nothing, although callbacks come twice and one instance is killed', options, async () => {
  assert.ok(databaseUrl);
  const kodo = await startKodo({ port: 0, buckets: [{ name: 'demo' }] });
  const site = new Balancer();
  site.server.listen(0, '127.0.0.1');
  await once(site.server, 'listening');
  const store = await Store.open({ url: databaseUrl });
  try {
    for (let count = 0; count < 2; count += 1) {
      site.instances.push(await startInstance(kodo, site.origin, databaseUrl));
    }
    const cookie = await becomeVisitor(site);
    let ended = 0;
    const replies = await Promise.all(
      Array.from({ length: UPLOADS }, async (_, index) => {
        const reply = await upload(site, cookie, index);
        ended += 1;
        if (ended === UPLOADS / 4) site.instances[0]?.process.kill('SIGKILL');
        return reply.body;
      }),
    );
    assert.equal(site.instances[0]?.process.killed, true);
    assert.ok(site.callbacks > UPLOADS, `${site.callbacks} callbacks were answered`);
    const listed: unknown[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body } = await answerOf(await call(site, 'GET', `/api/uploads?limit=100${query}`, { cookie }));
      listed.push(...(body['uploads'] as unknown[]).map(asAnswered));
      cursor = body['cursor'] as string | undefined;
    } while (cursor !== undefined);
    const byId = (one: unknown, other: unknown): number =>
      String((one as { id: string }).id).localeCompare((other as { id: string }).id);
    assert.equal(listed.length, UPLOADS);
    assert.deepEqual(listed.map(withoutPixels).sort(byId), replies.map(withoutPixels).sort(byId));
    assert.equal(kodo.objects('demo').length, UPLOADS);
  } finally {
    await store.close();
    for (const { process: child } of site.instances) child.kill('SIGKILL');
    site.server.closeAllConnections();
    site.server.close();
    await kodo.close();
  }
});

/** Every answer is made of the row; only who was confirmed by hand has no pixels, and these files have none at all. */
function withoutPixels(upload: unknown): unknown {
  const { width, height, ...rest } = upload as Readonly<Record<string, unknown>>;
  assert.deepEqual([width, height], [null, null]);
  return rest;
}
