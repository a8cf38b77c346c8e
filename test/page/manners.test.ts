import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from '@playwright/test';
import type { Demo } from '../../demo-server/start-demo.js';
import { startBrowserSite, type BrowserSite } from '../support/browser-site.js';
import { bytes, PNG } from '../support/test-data.js';

let site: BrowserSite;
let demo: Demo;

before(async () => {
  site = await startBrowserSite();
  demo = site.demo;
});
after(() => site.close());

/** A page of a site's own, with this body and this policy. */
async function openPage(body: string, policy?: string): Promise<Page> {
  const page = await site.browser.newPage();
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { violations });
    document.addEventListener('securitypolicyviolation', (event) => {
      violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(site.pageUrl(body, policy));
  await page.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
  return page;
}

const violationsOn = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations);

async function choose(page: Page, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  await page.locator('qiniu-uploader input[type=file]').setInputFiles([{ name, mimeType, buffer }]);
}

const TAG = '<qiniu-uploader token-endpoint="/api/uploads/token" multiple compress="8x8"></qiniu-uploader>';

describe('a strict content security policy', () => {
  const base = `default-src 'self'; style-src 'self'; script-src 'self'`;

  test('is not broken by anything: choosing, thumbnails, uploads by form and in parts, failure', async () => {
    const kodo = demo.kodo?.origin ?? '';
    const page = await openPage(TAG, `${base}; worker-src 'self'; connect-src 'self' ${kodo}`);
    await choose(page, 'a.png', 'image/png', PNG);
    await choose(page, 'big.bin', 'application/octet-stream', bytes(33 * 1024 * 1024));
    for (const name of ['a.png', 'big.bin']) {
      await page.locator('li', { hasText: name }).getByText('Uploaded', { exact: true }).waitFor();
    }
    await page.locator('li canvas').first().waitFor();
    await choose(page, 'b.png', 'image/png', Buffer.from('no picture'));
    await page.locator('li', { hasText: 'b.png' }).getByText('Uploaded', { exact: true }).waitFor();
    for (const listType of ['text', 'picture-card']) {
      await page
        .locator('qiniu-uploader')
        .evaluate((element, type) => element.setAttribute('list-type', type), listType);
    }
    assert.deepEqual(await violationsOn(page), []);
    await page.close();
  });

  test('without workers it works too, in a frame, and nothing but the worker is refused', async () => {
    const page = await openPage(TAG, `${base}; worker-src 'none'; connect-src 'self' ${demo.kodo?.origin ?? ''}`);
    await choose(page, 'a.png', 'image/png', PNG);
    await page.locator('li', { hasText: 'a.png' }).getByText('Uploaded', { exact: true }).waitFor();
    for (const violation of await violationsOn(page)) assert.match(violation, /^worker-src /);
    await page.close();
  });
});

describe('what the page has replaced', () => {
  test('a mocked XMLHttpRequest (mockjs) does not touch uploads: they do not use the page’s', async () => {
    for (const policy of [undefined, "worker-src 'none'"]) {
      const page = await openPage(TAG, policy);
      await page.evaluate(() => {
        globalThis.XMLHttpRequest = class {
          constructor() {
            throw new Error('mocked');
          }
        } as unknown as typeof XMLHttpRequest;
      });
      await choose(page, 'a.txt', 'text/plain', Buffer.from('text'));
      await page.locator('li', { hasText: 'a.txt' }).getByText('Uploaded', { exact: true }).waitFor();
      await page.close();
    }
  });
});

describe('memory', () => {
  test('nothing of a thousand elements that came and went is kept', async () => {
    const page = await openPage('<main></main>');
    await page.evaluate(async (png) => {
      const elements: WeakRef<object>[] = [];
      Object.assign(globalThis, { elements });
      const main = document.querySelector('main');
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      for (let count = 0; count < 1000; count += 1) {
        const element = document.createElement('qiniu-uploader');
        Object.assign(element, { manual: true, dropTarget: 'document', paste: 'document' });
        main?.append(element);
        await element.add([new File([bytes], `${count}.png`, { type: 'image/png' })]);
        await element.updateComplete;
        element.remove();
        elements.push(new WeakRef(element));
      }
    }, PNG.toString('base64'));
    // One that is still there keeps the browser from keeping the last one.
    await page.evaluate(() => document.querySelector('main')?.append(document.createElement('qiniu-uploader')));
    const session = await page.context().newCDPSession(page);
    const countAlive = (): Promise<number> =>
      page.evaluate(
        () =>
          (globalThis as unknown as { elements: WeakRef<object>[] }).elements.filter(
            (element) => element.deref() !== undefined,
          ).length,
      );
    let alive = 1000;
    for (let attempt = 0; attempt < 100 && alive > 0; attempt += 1) {
      await page.waitForTimeout(200);
      await session.send('HeapProfiler.collectGarbage');
      alive = await countAlive();
    }
    assert.equal(alive, 0);
    await page.close();
  });
});

describe('inside a closed shadow root', () => {
  test('files are dropped and pasted as anywhere', async () => {
    const page = await openPage('<main></main>');
    const names = await page.evaluate(async () => {
      // eslint-disable-next-line wc/no-closed-shadow-root -- what this test is about
      const root = document.querySelector('main')?.attachShadow({ mode: 'closed' });
      const element = document.createElement('qiniu-uploader');
      Object.assign(element, { manual: true, multiple: true });
      root?.append(element);
      await element.updateComplete;
      const [dropped, pasted] = ['dropped.txt', 'pasted.txt'].map((name) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File(['x'], name));
        return transfer;
      });
      const zone = element.shadowRoot?.querySelector('.dropzone');
      const options = { bubbles: true, composed: true, cancelable: true };
      for (const type of ['dragenter', 'dragover', 'drop']) {
        zone?.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: dropped as DataTransfer }));
      }
      zone?.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: pasted as DataTransfer }));
      while (element.items.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
      return element.items.map(({ name }) => name).sort();
    });
    assert.equal(names[0], 'dropped.txt');
    assert.equal(names.length, 2);
    await page.close();
  });
});
