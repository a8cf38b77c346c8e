import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { bytes, PNG } from '../support/test-data.js';

/** A name that browsers do not trust without HTTPS, unlike 127.0.0.1 itself. */
const PLAIN = 'plain.test';

let demo: Demo;
let browser: Browser;
let page: Page;
let problems: string[];

before(async () => {
  demo = await startDemo();
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args: [...args, `--host-resolver-rules=MAP ${PLAIN} 127.0.0.1`] });
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

async function open(lang: string, origin = demo.origin): Promise<void> {
  await page.goto(`${origin}/?lang=${lang}`);
  await page.locator('qiniu-uploader').getByRole('button').first().waitFor();
}

async function choose(name: string, mimeType: string, buffer: Buffer): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.locator('qiniu-uploader').getByRole('button').first().click();
  await (await chooser).setFiles([{ name, mimeType, buffer }]);
}

/** Opens the last request of a step, and reads one of its blocks. */
async function shownIn(step: string, caption: string): Promise<string> {
  const last = page.locator(`#flow > [data-step="${step}"] details`).last();
  if ((await last.getAttribute('open')) === null) await last.locator('summary').click();
  const block = last.locator('.blocks > div', { has: page.getByText(caption, { exact: true }) });
  return (await block.locator('pre').textContent()) ?? '';
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
    await page.locator('#flow > li.done').nth(4).waitFor();
    const told = JSON.parse(await shownIn('event', 'event.detail')) as { response: Record<string, unknown> };
    assert.equal(told.response['name'], '西湖.png');
    await page.reload();
    await tile.waitFor();
    assert.equal(await isShown(), true);
  });

  test('progress is seen while a big file goes', async () => {
    demo.kodo?.faults.add({ kind: 'part', bytesPerSecond: 8 * 1024 * 1024, times: 0 });
    await open('en');
    await choose('big.bin', 'application/octet-stream', bytes(30 * 1024 * 1024));
    const bar = row('big.bin').getByRole('progressbar', { name: 'Upload progress of big.bin' });
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

  for (const size of [1000, 9 * 1024 * 1024]) {
    test(`${size} bytes are checked without HTTPS too, where there is neither WebCrypto nor WebAssembly`, async () => {
      await open('en', demo.origin.replace('127.0.0.1', PLAIN));
      assert.equal(await page.evaluate(() => isSecureContext), false);
      const before = demo.kodo?.requests.length;
      const kind = size > 4 * 1024 * 1024 ? 'part' : 'form';
      if (kind === 'part') demo.kodo?.faults.add({ kind, partNumber: 2, wrongEtag: true });
      await choose('plain.bin', 'application/octet-stream', bytes(size));
      await row('plain.bin').getByText('Uploaded', { exact: true }).waitFor();
      const requests = demo.kodo?.requests.slice(before);
      const second = requests?.filter(({ kind, partNumber }) => kind === 'part' && partNumber === 2);
      if (kind === 'part') assert.equal(second?.length, 2, 'the part with the wrong etag was noticed, and sent again');
    });
  }

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
      assert.match((await page.locator('#flow').textContent()) ?? '', new RegExp(`Response source: ${source}`));
    });
  }

  test('shows the real request and answer of each step, and no token or signature', async () => {
    await open('en');
    await choose('flow.png', 'image/png', PNG);
    await page.locator('#flow > li.done').nth(4).waitFor();
    assert.match(await shownIn('token', 'Request'), /^POST \/api\/uploads\/token\n[^]*"name": "flow\.png"/);
    const policy = JSON.parse(await shownIn('token', 'Put policy in the token')) as Record<string, unknown>;
    const answer = JSON.parse(await shownIn('token', 'Response')) as Record<string, unknown>;
    assert.equal(policy['scope'], `demo:${String(answer['key'])}`);
    assert.equal(answer['token'], '•••');
    const sent = await shownIn('bytes', 'Request');
    assert.match(sent, new RegExp(`^POST ${demo.kodo?.origin}/\n[^]*key: ${String(answer['key'])}`));
    const [request] = demo.kodo?.requests.filter(({ kind }) => kind === 'form').slice(-1) ?? [];
    assert.ok((await shownIn('bytes', 'Response')).startsWith(`x-reqid: ${request?.reqid}\n`));
    const callback = await shownIn('callback', 'Request');
    assert.match(callback, /^POST \/api\/uploads\/callback\n/);
    assert.ok(callback.includes(`\nauthorization: QBox ${demo.settings.accessKey}:•••\n`));
    assert.match(callback, new RegExp(`\nid=${String(answer['id'])}&`));
    await page.getByText('Signature verified (QBox)').waitFor();
    const relayed = JSON.parse(await shownIn('answer', 'Response')) as Record<string, unknown>;
    const { response } = JSON.parse(await shownIn('event', 'event.detail')) as { response: unknown };
    assert.deepEqual(response, relayed);
    for (const summary of await page.locator('#flow summary').all()) await summary.click();
    const everything = (await page.locator('html').innerHTML()).replaceAll(`${demo.settings.accessKey}:•••`, '');
    assert.ok(!everything.includes(demo.settings.accessKey));
    assert.doesNotMatch(everything, /eyJ/);
  });

  test('lets a visitor look back at an earlier file', async () => {
    await open('en');
    await choose('one.txt', 'text/plain', Buffer.from('one'));
    await row('one.txt').getByText('Uploaded', { exact: true }).waitFor();
    await choose('other.txt', 'text/plain', Buffer.from('other'));
    await row('other.txt').getByText('Uploaded', { exact: true }).waitFor();
    await page.getByLabel('File', { exact: true }).selectOption('one.txt');
    assert.match(await shownIn('token', 'Request'), /"one\.txt"/);
  });

  const faults: readonly [string, number, (step: string) => Promise<void>][] = [
    [
      'Callback fails',
      5,
      async () => {
        await page.locator('#flow > [data-step="callback"].failed').getByText('connection refused').waitFor();
        assert.match(await shownIn('answer', 'Request'), /^POST \/api\/uploads\/[\da-f-]{36}\/confirm\n/);
        await page.getByText('Response source: confirm').waitFor();
      },
    ],
    [
      'Token expires',
      12 * 1024 * 1024,
      async () => {
        await page.getByText('Expired and renewed for the same file').waitFor();
        assert.equal(await page.locator('#flow [data-step="bytes"] .status', { hasText: '401' }).count(), 1);
      },
    ],
    [
      'Network drops',
      12 * 1024 * 1024,
      async () => {
        assert.ok((await page.locator('#flow [data-step="bytes"] .status', { hasText: '—' }).count()) > 0);
      },
    ],
  ];
  for (const [fault, size, look] of faults) {
    test(`the element heals: ${fault}`, async () => {
      await open('en');
      await page.getByRole('radio', { name: fault }).check();
      await page.locator('#fault-hint:not(:empty)').waitFor();
      await choose('healed.bin', 'application/octet-stream', bytes(size));
      await row('healed.bin').getByText('Uploaded', { exact: true }).waitFor();
      await page.locator('#flow > [data-step="event"].done').waitFor();
      await look(fault);
      assert.equal(await page.getByRole('radio', { name: 'None' }).isChecked(), true, 'it was for one file');
      const key = /"key": "([^"]+)"/.exec(await shownIn('event', 'event.detail'))?.[1] ?? '';
      const object = demo.kodo?.object('demo', key);
      assert.ok(object && demo.kodo);
      assert.deepEqual(await buffer(demo.kodo.read(object)), bytes(size));
      problems = problems.filter((problem) => !/Failed to load resource|net::ERR_/.test(problem)); // as ordered
    });
  }

  test('a file is deleted from gallery and bucket, and the focus goes on', async () => {
    await open('en');
    for (const name of ['first.png', 'second.png']) {
      await choose(name, 'image/png', PNG);
      await page.locator('#gallery li', { hasText: name }).waitFor();
    }
    const [newest] = demo.kodo?.objects('demo').slice(-1) ?? [];
    page.on('dialog', (dialog) => void dialog.accept());
    const button = page.getByRole('button', { name: 'Delete second.png' });
    await button.focus();
    await page.keyboard.press('Enter');
    await button.waitFor({ state: 'detached' });
    assert.equal(demo.kodo?.object('demo', newest?.key ?? ''), undefined);
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    assert.equal(focused, 'Delete first.png');
  });

  test('fits a phone: nothing is wider than the page', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open('zh');
    await choose('一个名字很长很长很长很长很长很长很长很长的文件.png', 'image/png', PNG);
    await page.locator('#flow > li.done').nth(4).waitFor();
    for (const summary of await page.locator('#flow summary').all()) await summary.click();
    const [wide, visible] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth];
    });
    assert.equal(wide, visible);
  });

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
      await page.locator('#flow > li.done').nth(4).waitFor();
      for (const summary of await page.locator('#flow summary').all()) await summary.click();
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
