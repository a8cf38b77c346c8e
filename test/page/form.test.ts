import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { startSite, type Site } from '../support/site.js';
import { bytes } from '../support/test-data.js';

let demo: Demo;
let site: Site;
let browser: Browser;

before(async () => {
  demo = await startDemo();
  site = await startSite(demo);
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await site.close();
  await demo.close();
});

/** A form that goes to a page whose address holds what was sent. */
async function openForm(attributes: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(
    site.pageUrl(`<form action="/page">
      <qiniu-uploader name="photo" token-endpoint="/api/uploads/token" multiple retries="0" ${attributes}></qiniu-uploader>
      <button name="act" value="save">Save</button>
    </form>`),
  );
  await page.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
  return page;
}

const row = (page: Page, name: string) => page.locator('qiniu-uploader li', { hasText: name });

const message = (page: Page): Promise<string> =>
  page.locator('qiniu-uploader').evaluate((element) => (element as HTMLInputElement).validationMessage);

describe('a real form (F8)', () => {
  test('stays while a file is not stored, and then sends the keys and the button that was pressed', async () => {
    const page = await openForm('submit="wait"');
    demo.kodo?.faults.add({ kind: 'form', status: 403 });
    demo.kodo?.faults.add({ kind: 'part', bytesPerSecond: 4 * 1024 * 1024, times: 0 });
    await page.locator('qiniu-uploader input[type=file]').setInputFiles([
      { name: 'refused.txt', mimeType: 'text/plain', buffer: Buffer.from('text') },
      { name: 'large.bin', mimeType: 'application/octet-stream', buffer: bytes(6 * 1024 * 1024) },
    ]);
    await page.locator('button[name=act]').focus();
    await page.keyboard.press('Enter');
    await row(page, 'large.bin').getByText('Uploaded', { exact: true }).waitFor();
    await row(page, 'refused.txt').getByRole('button', { name: 'Remove' }).waitFor();
    assert.equal(await message(page), '“refused.txt” is not uploaded. Remove it to submit without it.');
    await page.locator('button[name=act]').click();
    assert.ok(page.url().includes('body='), 'the page is still there');
    await row(page, 'refused.txt').getByRole('button', { name: 'Remove' }).click();
    await page.locator('button[name=act]').click();
    await page.waitForURL((url) => url.searchParams.has('photo'));
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.getAll('photo').length, 1);
    assert.equal(searchParams.get('act'), 'save');
    await page.close();
  });

  test('goes by itself when what it waited for is stored', async () => {
    const page = await openForm('submit="wait" required');
    demo.kodo?.faults.clear();
    demo.kodo?.faults.add({ kind: 'form', delay: 500 });
    await page
      .locator('qiniu-uploader input[type=file]')
      .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('text') }]);
    await page.locator('button[name=act]').click();
    await page.waitForURL((url) => url.searchParams.has('photo'));
    assert.equal(new URL(page.url()).searchParams.get('act'), 'save');
    await page.close();
  });

  test('stays while files are uploaded, where it does not wait', async () => {
    const page = await openForm('');
    demo.kodo?.faults.clear();
    demo.kodo?.faults.add({ kind: 'form', stall: true });
    await page
      .locator('qiniu-uploader input[type=file]')
      .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('text') }]);
    await page.locator('button[name=act]').click();
    assert.equal(await message(page), 'Please wait until all files are uploaded.');
    await row(page, 'a.txt').getByRole('button', { name: 'Cancel' }).click();
    await row(page, 'a.txt').getByText('Cancelled').waitFor();
    await page.locator('button[name=act]').click();
    assert.equal(await message(page), '“a.txt” is not uploaded. Retry or remove it.');
    assert.ok(page.url().includes('body='));
    demo.kodo?.faults.clear();
    await row(page, 'a.txt').getByRole('button', { name: 'Retry' }).click();
    await row(page, 'a.txt').getByText('Uploaded', { exact: true }).waitFor();
    await page.locator('button[name=act]').click();
    await page.waitForURL((url) => url.searchParams.has('photo'));
    await page.close();
  });
});
