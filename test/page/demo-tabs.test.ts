import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { PNG } from '../support/test-data.js';
import { waitUntil } from '../support/wait-until.js';

const TABS = 10;
const STREAM = '/api/showcase/flow';

/** Names that browsers do not trust without HTTPS, unlike 127.0.0.1. */
const PLAIN = 'plain.test';

let demo: Demo;
let proxy: Server;
let browser: Browser;
let context: BrowserContext;
/** Event streams that are open now. */
let streams = 0;

before(async () => {
  demo = await startDemo({ trustedProxies: 1 });
  proxy = createServer((req, res) => {
    const { method, url = '', headers } = req;
    const isStream = url === STREAM;
    if (isStream) {
      streams += 1;
      res.once('close', () => (streams -= 1));
    }
    const outgoing = request(`${demo.origin}${url}`, { method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    outgoing.on('error', () => res.destroy());
    res.on('close', () => outgoing.destroy());
    req.pipe(outgoing);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args: [...args, `--host-resolver-rules=MAP ${PLAIN} 127.0.0.1`] });
});
after(async () => {
  await browser.close();
  proxy.closeAllConnections();
  proxy.close();
  await demo.close();
});
beforeEach(async () => {
  demo.kodo?.faults.clear();
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await waitUntil(() => streams === 0);
});

const origin = (host: string): string => `http://${host}:${(proxy.address() as AddressInfo).port}`;

async function openTab(host: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin(host)}/?lang=en`);
  await page.locator('qiniu-uploader').getByRole('button').first().waitFor();
  return page;
}

async function upload(page: Page, name: string): Promise<void> {
  await page.locator('qiniu-uploader input[type=file]').setInputFiles([{ name, mimeType: 'image/png', buffer: PNG }]);
  await page
    .locator('qiniu-uploader')
    .locator('li', { hasText: name })
    .getByText('Uploaded', { exact: true })
    .waitFor();
}

/** As a browser does with the tab that is no longer in front. */
async function setVisibility(page: Page, state: 'visible' | 'hidden'): Promise<void> {
  await page.evaluate((visibility) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: visibility });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

for (const host of ['127.0.0.1', PLAIN]) {
  describe(`${TABS} tabs of one browser on ${host} (A7)`, () => {
    test('share one event stream, all load, and each shows what the server does for its upload', async () => {
      const tabs: Page[] = [];
      for (let count = 0; count < TABS; count += 1) tabs.push(await openTab(host));
      await waitUntil(() => streams === 1);
      for (const [index, page] of tabs.entries()) {
        await page.bringToFront();
        await upload(page, `tab-${index}.png`);
        await page.locator('#flow > [data-step="callback"].done', { hasText: 'Signature verified' }).waitFor();
      }
      assert.equal(streams, 1);
    });
  });
}

describe('the event stream', () => {
  test('is closed when no tab is in front, and opened again for one that is (A7)', async () => {
    const [one, other] = [await openTab('127.0.0.1'), await openTab('127.0.0.1')];
    await waitUntil(() => streams === 1);
    await setVisibility(one, 'hidden');
    await setVisibility(other, 'hidden');
    await waitUntil(() => streams === 0);
    await setVisibility(other, 'visible');
    await waitUntil(() => streams === 1);
    await other.close();
    await waitUntil(() => streams === 0);
    await setVisibility(one, 'visible');
    await waitUntil(() => streams === 1);
    await upload(one, 'again.png');
    await one.locator('#flow > [data-step="callback"].done', { hasText: 'Signature verified' }).waitFor();
  });

  test('is closed after a tab that crashed, and one that was closed while it uploaded (A7)', async () => {
    const crashing = await openTab('127.0.0.1');
    await waitUntil(() => streams === 1);
    const hidden = await openTab('127.0.0.1'); // keeps the shared worker alive
    await setVisibility(hidden, 'hidden');
    await crashing.goto('chrome://crash').catch((error: unknown) => error);
    await waitUntil(() => streams === 0);
    const busy = await openTab('127.0.0.1');
    demo.kodo?.faults.add({ kind: 'form', stall: true });
    await busy
      .locator('qiniu-uploader input[type=file]')
      .setInputFiles([{ name: 'slow.png', mimeType: 'image/png', buffer: PNG }]);
    await busy.locator('#flow > [data-step="token"].done').waitFor();
    await busy.close();
    await waitUntil(() => streams === 0);
  });

  test('stays open for a hidden tab that uploads (A7)', async () => {
    const page = await openTab('127.0.0.1');
    demo.kodo?.faults.add({ kind: 'form', stall: true });
    await page
      .locator('qiniu-uploader input[type=file]')
      .setInputFiles([{ name: 'slow.png', mimeType: 'image/png', buffer: PNG }]);
    await page.locator('#flow > [data-step="token"].done').waitFor();
    await setVisibility(page, 'hidden');
    const other = await openTab('127.0.0.1');
    await other.close();
    assert.equal(streams, 1);
    await page
      .locator('qiniu-uploader')
      .getByRole('button', { name: /^Cancel/ })
      .click();
    await waitUntil(() => streams === 0);
  });

  test('is each tab’s own where there are no shared workers (A7)', async () => {
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    const page = await openTab('127.0.0.1');
    await waitUntil(() => streams === 1);
    await upload(page, 'own.png');
    await page.locator('#flow > [data-step="callback"].done', { hasText: 'Signature verified' }).waitFor();
    await setVisibility(page, 'hidden');
    await waitUntil(() => streams === 0);
  });
});
