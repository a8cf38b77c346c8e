import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { openSitePage, startSite } from '../support/site.js';

let site: Server;
let browser: Browser;

before(async () => {
  // A site of its own, with a page that has nothing on it.
  site = createServer((_req, res) =>
    res.setHeader('content-type', 'text/html').end('<!doctype html><title>site</title>'),
  );
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args: [...args, '--host-resolver-rules=MAP *.test 127.0.0.1'] });
});
after(async () => {
  await browser.close();
  site.close();
});

const siteAt = (host: string): string => `http://${host}:${(site.address() as AddressInfo).port}`;
const apiAt = (demo: Demo, host: string): string => `http://${host}:${new URL(demo.origin).port}`;

async function openPage(context: BrowserContext, host: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${siteAt(host)}/`);
  return page;
}

/** What a page's own `fetch()` sees of an answer. */
interface Seen {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly date: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

function ask(page: Page, url: string, init: RequestInit): Promise<Seen | string> {
  return page.evaluate(
    async ([address, options]) => {
      try {
        const answer = await fetch(address, options);
        const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
        const { status, headers } = answer;
        return { status, retryAfter: headers.get('retry-after'), date: headers.get('date'), body };
      } catch (error) {
        return String(error);
      }
    },
    [url, init] as const,
  );
}

async function see(page: Page, url: string, init: RequestInit): Promise<Seen> {
  const seen = await ask(page, url, init);
  assert.equal(typeof seen, 'object', `${url}: ${JSON.stringify(seen)}`);
  return seen as Seen;
}

/** What the browser says where a page may not read the answer. */
async function refusal(page: Page, url: string, init: RequestInit): Promise<string> {
  const seen = await ask(page, url, init);
  return typeof seen === 'string' ? seen : `answered ${seen.status}`;
}

const FILE = JSON.stringify({ name: 'a.txt', size: 4, type: 'text/plain' });
const POST = { method: 'POST', credentials: 'include' } as const;
const JSON_POST = { ...POST, headers: { 'content-type': 'application/json' }, body: FILE };

for (const [pageHost, apiHost, what] of [
  ['127.0.0.1', '127.0.0.1', 'another port, where browsers state the site'],
  ['app.site.test', 'api.site.test', 'a sibling domain on plain HTTP, where they do not'],
] as const) {
  describe(`a page on ${what} (F13, F20)`, () => {
    let demo: Demo;
    let context: BrowserContext;
    let page: Page;
    let api: string;
    before(async () => {
      demo = await startDemo({ allowedOrigins: [siteAt(pageHost)], tokensPerMinute: 4 });
      api = apiAt(demo, apiHost);
      context = await browser.newContext();
      page = await openPage(context, pageHost);
    });
    after(async () => {
      await context.close();
      await demo.close();
    });

    test('asks for tokens, uploads, confirms, lists and deletes with its cookie', async () => {
      assert.equal((await see(page, `${api}/api/uploads`, { credentials: 'include' })).status, 200);
      const token = await see(page, `${api}/api/uploads/token`, JSON_POST);
      assert.equal(token.status, 200);
      assert.notEqual(token.date, null, 'the clock can be read');
      const byQuery = await see(page, `${api}/api/uploads/token?name=a.txt&size=4`, {
        credentials: 'include',
        headers: { accept: 'application/json' },
      });
      assert.equal(byQuery.status, 200);
      const [host] = token.body['hosts'] as string[];
      const stored = await page.evaluate(
        async ([up, upToken, key]) => {
          const form = new FormData();
          form.set('token', upToken);
          form.set('key', key);
          form.set('file', new File(['text'], 'a.txt'));
          return (await fetch(up, { method: 'POST', body: form })).status;
        },
        [`${host}/`, String(token.body['token']), String(token.body['key'])] as const,
      );
      assert.equal(stored, 200);
      const upload = `${api}/api/uploads/${String(token.body['id'])}`;
      assert.equal((await see(page, `${upload}/confirm`, POST)).body['key'], token.body['key']);
      const stranger = await see(page, `${upload}/confirm`, { method: 'POST', credentials: 'omit' });
      assert.equal(stranger.status, 404, 'without its cookie it is someone else');
      const list = await see(page, `${api}/api/uploads`, { credentials: 'include' });
      assert.equal((list.body['uploads'] as unknown[]).length, 1);
      assert.equal((await see(page, upload, { method: 'DELETE', credentials: 'include' })).status, 204);
    });

    test('reads how long to wait when it asks too often', async () => {
      let answer = await see(page, `${api}/api/uploads/token`, JSON_POST);
      while (answer.status === 200) answer = await see(page, `${api}/api/uploads/token`, JSON_POST);
      assert.equal(answer.status, 429);
      assert.match(answer.retryAfter ?? '', /^[1-9]\d*$/);
      assert.notEqual(answer.date, null);
    });

    test('of an origin that is not named reads nothing and makes nothing', async () => {
      const foreign = await openPage(context, 'evil.test');
      const cookies = await context.cookies(`${api}/api/uploads`);
      const visitor = decodeURIComponent(cookies[0]?.value ?? '').replace(/^s:([^.]+)\..*/, '$1');
      const before = await demo.store.usageOf(visitor);
      assert.match(await refusal(foreign, `${api}/api/uploads`, { credentials: 'include' }), /TypeError/);
      assert.match(await refusal(foreign, `${api}/api/uploads/token`, JSON_POST), /TypeError/);
      const byGet = `${api}/api/uploads/token?name=a.txt&size=4`;
      // A navigation brings the cookie with it, and so do pictures and scripts of the same site.
      for (const from of [foreign, page]) {
        await from.evaluate(
          (url) =>
            Promise.all(
              ['img', 'script', 'iframe'].map(
                (tag) =>
                  new Promise((resolve) => {
                    const element = Object.assign(document.createElement(tag), { src: url });
                    element.addEventListener('load', resolve);
                    element.addEventListener('error', resolve);
                    document.body.append(element);
                  }),
              ),
            ),
          byGet,
        );
      }
      const answer = await foreign.goto(byGet);
      assert.equal(answer?.status(), 403);
      assert.deepEqual(await demo.store.usageOf(visitor), before);
    });
  });
}

describe('the element on another origin of the same site (F13)', () => {
  test('token-credentials="include" sends the cookie to the token and the confirm route', async () => {
    const scripts = await startDemo();
    const pages = await startSite(scripts);
    const demo = await startDemo({ allowedOrigins: [pages.origin] });
    const context = await browser.newContext();
    const page = await context.newPage();
    await openSitePage(
      page,
      pages.pageUrl(
        `<qiniu-uploader token-endpoint="${demo.origin}/api/uploads/token" token-credentials="include" multiple
          confirm-endpoint="${demo.origin}/api/uploads/{id}/confirm"></qiniu-uploader>`,
      ),
    );
    const choose = (name: string): Promise<void> =>
      page
        .locator('qiniu-uploader input[type=file]')
        .setInputFiles([{ name, mimeType: 'text/plain', buffer: Buffer.from(name) }]);
    const done = (name: string): Promise<void> =>
      page.locator('li', { hasText: name }).getByText('Uploaded', { exact: true }).waitFor();
    await choose('first.txt');
    await done('first.txt');
    demo.kodo?.faults.add({ kind: 'form', callback: 'unreachable' });
    await choose('confirmed.txt');
    await done('confirmed.txt');
    // Both belong to the one visitor that the cookie names.
    const mine = await page.evaluate(async (url) => {
      const answer = await fetch(url, { credentials: 'include' });
      return ((await answer.json()) as { uploads: { name: string }[] }).uploads.map(({ name }) => name).sort();
    }, `${demo.origin}/api/uploads`);
    assert.deepEqual(mine, ['confirmed.txt', 'first.txt']);

    await page.locator('qiniu-uploader').evaluate((element) => element.setAttribute('token-credentials', 'omit'));
    await choose('nobody.txt');
    await page.locator('li', { hasText: 'nobody.txt' }).getByText('Uploaded', { exact: true }).waitFor();
    const later = await page.evaluate(async (url) => {
      const answer = await fetch(url, { credentials: 'include' });
      return ((await answer.json()) as { uploads: { name: string }[] }).uploads.length;
    }, `${demo.origin}/api/uploads`);
    assert.equal(later, 2, 'without the cookie it is another visitor’s');
    await context.close();
    await demo.close();
    await pages.close();
    await scripts.close();
  });
});
