import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser, type Frame, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { openSitePage, startSite, violationsOn, type Site } from '../support/site.js';
import { bytes, PNG } from '../support/test-data.js';

const TAG = '<qiniu-uploader token-endpoint="/api/uploads/token" multiple compress="8x8"></qiniu-uploader>';

let demo: Demo;
let site: Site;
let browser: Browser;

before(async () => {
  demo = await startDemo();
  site = await startSite(demo, {
    routes: {
      '/framed': (_req, res) => {
        res.setHeader('content-type', 'text/html; charset=utf-8');
        res.end(`<!doctype html><html lang="en"><title>A site</title>
          <iframe title="Uploads" sandbox="allow-scripts" src="/page?body=${encodeURIComponent(TAG)}"></iframe>`);
      },
    },
  });
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await site.close();
  await demo.close();
});

async function choose(place: Page | Frame, name: string, mimeType: string, buffer: Buffer): Promise<void> {
  await place.locator('qiniu-uploader input[type=file]').setInputFiles([{ name, mimeType, buffer }]);
}

function row(place: Page | Frame, name: string) {
  return place.locator('qiniu-uploader li', { hasText: name });
}

/** Collects what the console says. */
function listen(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  return said;
}

describe('a page that requires Trusted Types (F16)', () => {
  const base =
    "default-src 'self'; style-src 'self'; script-src 'self'; require-trusted-types-for 'script'; " +
    'trusted-types qiniu-uploader lit-html';

  for (const workers of ["'self'", "'none'"]) {
    test(`with worker-src ${workers}: pictures, a form, parts and a failure, and nothing breaks the policy`, async () => {
      const page = await browser.newPage();
      const connect = `connect-src 'self' ${demo.kodo?.origin ?? ''}`;
      await openSitePage(page, site.pageUrl(TAG, `${base}; worker-src ${workers}; ${connect}`));
      await choose(page, 'a.png', 'image/png', PNG);
      await choose(page, 'big.bin', 'application/octet-stream', bytes(9 * 1024 * 1024));
      await choose(page, 'b.png', 'image/png', Buffer.from('no picture'));
      for (const name of ['a.png', 'big.bin', 'b.png']) {
        await row(page, name).getByText('Uploaded', { exact: true }).waitFor();
      }
      await page.locator('li canvas').first().waitFor();
      const violations = await violationsOn(page);
      assert.deepEqual(
        workers === "'none'" ? violations.filter((text) => !text.startsWith('worker-src')) : violations,
        [],
      );
      await page.close();
    });
  }

  test('that does not allow the policy: the console says which one is missing', async () => {
    const page = await browser.newPage();
    const said = listen(page);
    const policy = base.replace('qiniu-uploader ', '');
    await openSitePage(page, site.pageUrl(TAG, `${policy}; connect-src 'self' ${demo.kodo?.origin ?? ''}`));
    await choose(page, 'a.txt', 'text/plain', Buffer.from('text'));
    await row(page, 'a.txt').getByText('could not be loaded').waitFor();
    assert.ok(
      said.some((text) => text.includes('trusted-types qiniu-uploader')),
      said.join('\n'),
    );
    await page.close();
  });
});

describe('a frame with sandbox="allow-scripts" (F16)', () => {
  test('uploads a form and parts, without resume, and says once why', async () => {
    const page = await browser.newPage();
    const said = listen(page);
    await page.goto(`${site.origin}/framed`);
    const frame = page.frames().find((candidate) => candidate !== page.mainFrame());
    if (frame === undefined) throw new Error('There is no frame.');
    await frame.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
    // Nothing in such a frame is of the site's origin, so its cookie is not sent: tokens come from elsewhere.
    await page.exposeFunction('requestToken', async (file: object) => {
      const { headers } = await fetch(demo.origin);
      const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const answer = await fetch(`${demo.origin}/api/uploads/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify(file),
      });
      return answer.json() as Promise<object>;
    });
    await frame.evaluate(() => {
      const { requestToken } = globalThis as unknown as { requestToken: (file: object) => Promise<{ token: string }> };
      const element = document.querySelector('qiniu-uploader');
      if (element !== null) element.tokenProvider = (file) => requestToken(file);
    });
    await choose(frame, 'a.png', 'image/png', PNG);
    await choose(frame, 'big.bin', 'application/octet-stream', bytes(9 * 1024 * 1024));
    for (const name of ['a.png', 'big.bin']) {
      await row(frame, name).getByText('Uploaded', { exact: true }).waitFor();
    }
    const warnings = said.filter((text) => text.startsWith('qiniu-uploader:'));
    assert.equal(warnings.filter((text) => text.includes('cannot be resumed')).length, 1, said.join('\n'));
    assert.deepEqual(
      warnings.filter((text) => /no worker|engine/.test(text)),
      [],
      'the engine runs in a worker',
    );
    await page.close();
  });
});
