import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { openSitePage, startSite, type Site } from '../support/site.js';

/** What the site's own token route does; `undefined` lets the demo server answer. */
let answer: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
let demo: Demo;
let site: Site;
let browser: Browser;

before(async () => {
  demo = await startDemo({ tokensPerMinute: 10_000 });
  site = await startSite(demo, { tokenRoute: () => answer });
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await site.close();
  await demo.close();
});
beforeEach(() => (answer = undefined));

interface Opened {
  readonly page: Page;
  /** What the element has said in the console. */
  readonly said: readonly string[];
  /** Token requests since the page was opened. */
  readonly tokenRequests: () => number;
}

async function open(attributes = 'token-endpoint="/api/uploads/token?secret=1"'): Promise<Opened> {
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.text().startsWith('qiniu-uploader:')) said.push(message.text());
  });
  await openSitePage(page, site.pageUrl(`<qiniu-uploader multiple ${attributes}></qiniu-uploader>`));
  const since = site.requests.length;
  const tokenRequests = (): number =>
    site.requests.slice(since).filter((request) => request.endsWith(' /api/uploads/token')).length;
  return { page, said, tokenRequests };
}

async function choose(page: Page, count: number): Promise<void> {
  const files = Array.from({ length: count }, (_, index) => ({
    name: `${index}.txt`,
    mimeType: 'text/plain',
    buffer: Buffer.from(`file ${index}`),
  }));
  await page.locator('qiniu-uploader input[type=file]').setInputFiles(files);
}

const counts = (page: Page): Promise<Readonly<Record<string, number>>> =>
  page.evaluate(() => ({ ...document.querySelector('qiniu-uploader')?.queue?.counts }));

async function untilDone(page: Page, count: number): Promise<void> {
  await page.waitForFunction((all) => document.querySelector('qiniu-uploader')?.queue?.counts.done === all, count);
}

function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
  return (_req: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

describe('a token route that does not work (F5, U5)', () => {
  for (const [name, route, hint] of [
    ['is not there', plain(404, 'Not Found'), /POST \/api\/uploads\/token.* 404\..*token-endpoint/],
    ['takes no POST', plain(405, ''), /POST \/api\/uploads\/token.* 405\..*token-method/],
    ['refuses', plain(401, '{"message":"Please sign in"}'), /401\..*signed in.*token-credentials.*CSRF/],
    ['has no session any more', plain(419, '{}'), /419\..*CSRF/],
    ['answers a page', plain(200, '<!doctype html>', { 'content-type': 'text/html' }), /HTML page.*login page/],
    ['answers something else', plain(200, '{"ok":true}'), /has no token; it has ok/],
  ] as const) {
    test(`because it ${name}: three requests for thirty files, one warning that says what to check, and a banner`, async () => {
      answer = route;
      const { page, said, tokenRequests } = await open();
      await choose(page, 30);
      const banner = page.locator('qiniu-uploader [part=hold]');
      await banner.waitFor();
      await page.waitForFunction(() => document.querySelector('qiniu-uploader')?.queue?.counts.failed === 3);
      assert.equal(tokenRequests(), 3);
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0] ?? '', hint);
      assert.doesNotMatch(said[0] ?? '', /secret/);
      assert.match((await banner.textContent()) ?? '', /27 files waiting/);
      const { queued, waiting, failed } = await counts(page);
      assert.deepEqual([(queued ?? 0) + (waiting ?? 0), failed], [27, 3]);

      // Still refused: one request. Then the route works: everything goes, what had failed too.
      await banner.getByRole('button').click();
      await page.waitForFunction(() => document.querySelector('qiniu-uploader')?.queue?.hold !== undefined);
      assert.equal(tokenRequests(), 4);
      answer = undefined;
      await banner.getByRole('button').press('Enter');
      await untilDone(page, 30);
      assert.equal(await banner.count(), 0);
      await page.close();
    });
  }

  test('because none is named: the row and the console say so', async () => {
    const { page, said, tokenRequests } = await open('');
    await choose(page, 1);
    await page.locator('li', { hasText: '0.txt' }).getByText('administrator').waitFor();
    assert.deepEqual(said.length, 1);
    assert.match(said[0] ?? '', /token-endpoint/);
    assert.equal(tokenRequests(), 0);
    await page.close();
  });

  test('because it redirects to a login page: the visitor is asked to sign in', async () => {
    answer = (_req, res) => void res.writeHead(302, { location: '/page?body=login' }).end();
    const { page } = await open();
    await choose(page, 1);
    await page.locator('li', { hasText: '0.txt' }).getByText('Sign in and try again').waitFor();
    await page
      .locator('li', { hasText: '0.txt' })
      .getByRole('button', { name: /^Retry/ })
      .waitFor();
    await page.close();
  });
});

describe('a token route that limits the rate (F5)', () => {
  test('60 files at 20 tokens in two seconds: all are stored, none fails, and the banner says until when', async () => {
    let left = 20;
    const refill = setInterval(() => (left = 20), 2000);
    answer = (req, res) => {
      if (left > 0) {
        left -= 1;
        site.passOn(req, res);
      } else plain(429, '{"message":"Slow down"}', { 'retry-after': '2' })(req, res);
    };
    const { page } = await open('token-endpoint="/api/uploads/token" retries="0"');
    await choose(page, 60);
    const banner = page.locator('qiniu-uploader [part=hold]');
    await banner.waitFor();
    assert.match((await banner.textContent()) ?? '', /resume at \d+:\d\d:\d\d/);
    await untilDone(page, 60);
    clearInterval(refill);
    assert.equal((await counts(page))['failed'], 0);
    await page.close();
  });
});

describe('a browser that reports no network although there is one (F12)', () => {
  test('the file is uploaded', async () => {
    const { page } = await open();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.overrideNetworkState', {
      offline: true,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
    assert.equal(await page.evaluate(() => navigator.onLine), false);
    await choose(page, 2);
    await untilDone(page, 2);
    await page.close();
  });

  test('without a network too: the rows wait, a button tries at once, and the network’s return does so by itself', async () => {
    const { page } = await open();
    await page.locator('qiniu-uploader').getByRole('button').first().hover();
    await page.evaluate(() => document.querySelector('qiniu-uploader')?.load());
    await page.context().setOffline(true);
    await choose(page, 1);
    const row = page.locator('li', { hasText: '0.txt' });
    await row.getByText('Offline. Resumes automatically.').waitFor();
    await row.getByRole('button', { name: /^Retry/ }).click();
    await row.getByText('Offline. Resumes automatically.').waitFor();
    await page.context().setOffline(false);
    await untilDone(page, 1);
    await page.close();
  });
});
