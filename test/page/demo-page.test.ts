import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { bytes, PNG } from '../support/test-data.js';

let demo: Demo;
let browser: Browser;
let page: Page;
let problems: string[];

before(async () => {
  demo = await startDemo();
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await demo.close();
});
beforeEach(async () => {
  problems = [];
  demo.kodo?.faults.clear();
  page = await browser.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
});
afterEach(async () => {
  await page.close();
  assert.deepEqual(problems, [], 'nothing went wrong in the console, and nothing broke the content security policy');
});

async function open(lang: string): Promise<void> {
  await page.goto(`${demo.origin}/?lang=${lang}`);
  await page.locator('qiniu-uploader').getByRole('button').first().waitFor();
}

async function choose(name: string, mimeType: string, buffer: Buffer): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.locator('qiniu-uploader').getByRole('button').first().click();
  await (await chooser).setFiles([{ name, mimeType, buffer }]);
}

const row = (name: string) => page.locator('qiniu-uploader').locator('li', { hasText: name });

describe('the demo page', () => {
  test('a chosen picture is uploaded, shown in row and gallery, and still there after a reload', async () => {
    await open('zh');
    await choose('西湖.png', 'image/png', PNG);
    await row('西湖.png').getByText('上传成功').waitFor();
    const tile = page.locator('#gallery li', { hasText: '西湖.png' });
    await tile.waitFor();
    const isShown = (): Promise<boolean> =>
      tile.locator('img').evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return image.naturalWidth > 0;
      });
    assert.equal(await isShown(), true);
    const reply = JSON.parse((await page.locator('#reply').textContent()) ?? '') as Record<string, unknown>;
    assert.equal(reply['name'], '西湖.png');
    assert.equal(await page.locator('#flow li.done').count(), 5);
    await page.reload();
    await tile.waitFor();
    assert.equal(await isShown(), true);
  });

  test('progress is seen while a big file goes', async () => {
    demo.kodo?.faults.add({ kind: 'part', bytesPerSecond: 8 * 1024 * 1024, times: 0 });
    await open('en');
    await choose('big.bin', 'application/octet-stream', bytes(30 * 1024 * 1024));
    const bar = row('big.bin').getByRole('progressbar', { name: 'Upload of big.bin' });
    await bar.waitFor();
    const value = await page.waitForFunction(() => {
      const element = document.querySelector('qiniu-uploader')?.shadowRoot?.querySelector('progress');
      return element && element.value > 0 && element.value < 100 ? element.value : false;
    });
    assert.ok(Number(await value.jsonValue()) > 0);
    await row('big.bin').getByText('Uploaded', { exact: true }).waitFor();
  });

  test('files are kept while the rest of the element cannot be loaded', async () => {
    await page.route('**/bundle/panel.js', (route) => route.abort());
    await open('en');
    await choose('first.txt', 'text/plain', Buffer.from('first'));
    await page.locator('qiniu-uploader').getByRole('alert').getByText('could not be loaded').waitFor();
    await page.unroute('**/bundle/panel.js');
    await choose('second.txt', 'text/plain', Buffer.from('second'));
    for (const name of ['first.txt', 'second.txt']) await row(name).getByText('Uploaded', { exact: true }).waitFor();
    assert.equal(await page.locator('qiniu-uploader').getByRole('alert').count(), 0);
    problems = problems.filter((problem) => !problem.includes('ERR_FAILED'));
  });

  test('a file that changes on disk while it is uploaded is never stored as a mixture', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'qiniu-uploader-'));
    try {
      const path = join(folder, 'changing.bin');
      const size = 31 * 1024 * 1024;
      await writeFile(path, bytes(size));
      demo.kodo?.faults.add({ kind: 'part', bytesPerSecond: 1024 * 1024, times: 0 });
      await open('en');
      const chooser = page.waitForEvent('filechooser');
      await page.locator('qiniu-uploader').getByRole('button').first().click();
      await (await chooser).setFiles(path);
      await row('changing.bin')
        .getByText(/^[1-9]\d?% uploaded/)
        .waitFor();
      await writeFile(path, Buffer.alloc(size, 1));
      demo.kodo?.faults.clear();
      await row('changing.bin').getByText('The file was changed or moved after it was chosen').waitFor();
      assert.deepEqual(
        demo.kodo?.objects('demo').filter(({ fsize }) => fsize === size),
        [],
      );
      // The browser says in the console that it could not send the file.
      problems = problems.filter((problem) => !problem.includes('ERR_UPLOAD_FILE_CHANGED'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('everything can be done by keyboard', async () => {
    await open('en');
    const chooser = page.waitForEvent('filechooser');
    await page.locator('qiniu-uploader').getByRole('button', { name: 'Choose files' }).focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles([{ name: 'keys.txt', mimeType: 'text/plain', buffer: Buffer.from('keys') }]);
    await row('keys.txt').getByText('Uploaded', { exact: true }).waitFor();
    await page.keyboard.press('Tab'); // the file's link
    await page.keyboard.press('Tab');
    const focused = (): Promise<string | null | undefined> =>
      page.evaluate(() => {
        const element = document.activeElement?.shadowRoot?.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent?.trim();
      });
    assert.equal(await focused(), 'Remove keys.txt');
    await page.keyboard.press('Enter');
    await row('keys.txt').waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Choose files');
  });

  test('speaks the language that is chosen, and the element with it', async () => {
    await open('en');
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('heading', { name: '已上传的文件' }).waitFor();
    await page.locator('qiniu-uploader').getByRole('button', { name: '选择文件' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  });

  for (const [way, source] of [
    ['returnBody', 'return-body'],
    ['saveKey', 'callback'],
  ] as const) {
    test(`the way by ${way} answers too`, async () => {
      await open('en');
      await page.getByRole('radio', { name: way }).check();
      await choose(`${way}.png`, 'image/png', PNG);
      await row(`${way}.png`).getByText('Uploaded', { exact: true }).waitFor();
      assert.match((await page.locator('#flow').textContent()) ?? '', new RegExp(`Source of the reply: ${source}`));
    });
  }

  test('a file name that is HTML is only text', async () => {
    await open('en');
    const name = '<img src=x onerror="document.title=1">.png';
    await choose(name, 'image/png', PNG);
    await row(name).getByText('Uploaded', { exact: true }).waitFor();
    await page.locator('#gallery li', { hasText: name }).waitFor();
    assert.equal(await page.title(), 'qiniu-uploader');
  });

  test('axe finds nothing, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await open('zh');
      await choose('a.png', 'image/png', PNG);
      await row('a.png').first().getByText('上传成功').waitFor();
      await page.evaluate(await axeSource());
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } };
        return (await axe.run()).violations.map(({ id }) => id);
      });
      assert.deepEqual(violations, []);
    }
  });
});

async function axeSource(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const { createRequire } = await import('node:module');
  return readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}
