import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';
import { EtagHash } from '../../demo-server/kodo/src/store/etag.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { findOrInstallBrowser } from '../support/browser.js';

const MIB = 1024 * 1024;

/** The official browser SDKs as they are published, in a page of another origin: what they take for Kodo is Kodo. */
let kodo: Kodo;
let site: Server;
let browser: Browser;
let page: Page;

before(async () => {
  kodo = await startKodo({ buckets: [{ name: 'demo' }] });
  const script = await bundle();
  site = createServer((req, res) => {
    res.setHeader('content-type', req.url === '/clients.js' ? 'text/javascript' : 'text/html');
    res.end(
      req.url === '/clients.js' ? script : '<!doctype html><title>clients</title><script src="/clients.js"></script>',
    );
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'clients' in globalThis);
});
after(async () => {
  await browser.close();
  site.close();
  await kodo.close();
});

async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('kodo-clients-page.ts', import.meta.url)),
        formats: ['iife'],
        name: 'unused',
      },
    },
  });
  const [first] = output as readonly { readonly output: readonly { readonly code: string }[] }[];
  return first?.output[0]?.code ?? '';
}

/** What the page's script offers; `seed` makes the bytes. */
interface Clients {
  run(client: string, request: { key: string; token: string; origin: string; size: number }): Promise<unknown>;
}

async function upload(client: string, key: string, size: number): Promise<Record<string, unknown>> {
  const deadline = Math.floor(Date.now() / 1000) + 3600;
  const returnBody = '{"key":$(key),"hash":$(etag),"size":$(fsize),"name":$(fname),"a":$(x:a)}';
  const token = signUploadToken(kodo, { scope: `demo:${key}`, deadline, returnBody });
  const answer = await page.evaluate(
    ([name, request]) => (globalThis as unknown as { clients: Clients }).clients.run(name, request),
    [client, { key, token, origin: kodo.origin, size }] as const,
  );
  return answer as Record<string, unknown>;
}

/** The bytes that the page makes. */
function expected(size: number): Buffer {
  const data = Buffer.alloc(size);
  for (let index = 0; index < size; index += 1) data[index] = (index * 31 + (index >> 12)) & 255;
  return data;
}

const CLIENTS: readonly (readonly [string, string, number])[] = [
  ['js3', 'qiniu-js 3.4.4, a form', 300_000],
  ['js3', 'qiniu-js 3.4.4, parts', 9 * MIB + 5],
  ['js4-form', 'qiniu-js 4.0.0-beta.6, a form', 300_000],
  ['js4-v2', 'qiniu-js 4.0.0-beta.6, parts v2', 9 * MIB + 5],
];

describe('the official browser SDKs', () => {
  for (const [client, title, size] of CLIENTS) {
    test(`upload: ${title}`, async () => {
      const key = `${title}.bin`;
      const answer = await upload(client, key, size);
      const data = expected(size);
      assert.equal(answer['hash'], new EtagHash().update(data).digest());
      assert.deepEqual([answer['key'], answer['size'], answer['a']], [key, size, '1']);
      const object = kodo.object('demo', key);
      assert.ok(object);
      assert.deepEqual(await buffer(kodo.read(object)), data);
    });
  }

  test('qiniu-js 3.4.4 goes on from its parts after a failure', async () => {
    kodo.faults.add({ kind: 'complete', status: 599, times: 1 }); // 400 and 612 make it forget its record
    await assert.rejects(upload('js3', 'again.bin', 9 * MIB));
    const count = (): number => kodo.requests.filter(({ kind }) => kind === 'part').length;
    const before = count();
    const answer = await upload('js3', 'again.bin', 9 * MIB);
    assert.equal(answer['size'], 9 * MIB);
    assert.equal(count(), before, 'no part was sent again');
  });

  test('qiniu-js 4.0.0-beta.6 is refused in parts v1: it sends the list of contexts as JSON, in quotes', async () => {
    await assert.rejects(upload('js4-v1', 'v1.bin', 9 * MIB), /block 0: invalid context/);
    const [last] = kodo.requests.filter(({ kind }) => kind === 'make-file').slice(-1);
    assert.equal(last?.status, 701);
  });
});
