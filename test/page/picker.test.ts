import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startBrowserSite, type BrowserSite } from '../support/browser-site.js';

let site: BrowserSite;
let folder: string;
before(async () => {
  site = await startBrowserSite();
  folder = await mkdtemp(join(tmpdir(), 'qiniu-uploader-picker-'));
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

describe('a picker', () => {
  test('that is cancelled inside a dialog leaves the dialog open', async () => {
    const page = await site.openPage(
      `<dialog><qiniu-uploader manual></qiniu-uploader></dialog>
      <script>
        globalThis.heard = [];
        for (const type of ['cancel', 'close']) document.querySelector('dialog').addEventListener(type, () => heard.push(type));
      </script>`,
    );
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setInterceptFileChooserDialog', { enabled: true, cancel: true });
    await page.evaluate(() => {
      document.querySelector('dialog')?.showModal();
      const input = document.querySelector('qiniu-uploader')?.shadowRoot?.querySelector('input');
      input?.addEventListener('cancel', () => Object.assign(globalThis, { isCancelled: true }));
    });
    await page.getByRole('button', { name: 'Choose file' }).click();
    await page.waitForFunction(() => 'isCancelled' in globalThis, undefined, { timeout: 5000 });
    assert.equal(await page.locator('dialog').evaluate((dialog) => (dialog as HTMLDialogElement).open), true);
    assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard), []);
    await page.context().close();
  });

  for (const [what, markup] of [
    ['beside it', '<label for="up">Photo</label><qiniu-uploader id="up" manual></qiniu-uploader>'],
    ['around it', '<label>Photo <qiniu-uploader id="up" manual></qiniu-uploader></label>'],
  ]) {
    test(`is opened once by a label ${what}, and once by the button`, async () => {
      const page = await site.openPage(markup ?? '');
      // Each click on the input opens the picker once.
      await page.evaluate(() => {
        Object.assign(globalThis, { clicks: 0 });
        const input = document.querySelector('qiniu-uploader')?.shadowRoot?.querySelector('input');
        input?.addEventListener('click', () => ((globalThis as unknown as { clicks: number }).clicks += 1));
      });
      const chosen = page.waitForEvent('filechooser');
      await page.getByText('Photo').click({ position: { x: 5, y: 5 } });
      await chosen;
      const clicks = (): Promise<number> => page.evaluate(() => (globalThis as unknown as { clicks: number }).clicks);
      assert.equal(await clicks(), 1);
      await page.getByRole('button', { name: 'Choose file' }).click();
      assert.equal(await clicks(), 2);
      await page.context().close();
    });
  }
});

describe('a file with an odd name', () => {
  const names = [
    '100%.txt',
    '%41%2F.txt',
    'a#b?c&d+e=f.txt',
    'smile 😀.txt',
    'new\nline.txt',
    '..',
    '<b>bold&amp;.txt',
    'quotes\'"`.txt',
    'photo\u202Egpj.exe',
    'e\u0301.txt',
    `${'名'.repeat(83)}.txt`, // 253 bytes; with the extension all that a file system takes
  ];

  test('is chosen, stored and linked', async () => {
    const paths = names.filter((name) => name !== '..').map((name) => join(folder, name));
    for (const [index, path] of paths.entries()) await writeFile(path, `file ${index}`);
    const page = await site.openPage('<qiniu-uploader multiple token-endpoint="/api/uploads/token"></qiniu-uploader>');
    await page.locator('qiniu-uploader input[type=file]').setInputFiles(paths);
    await page
      .locator('qiniu-uploader')
      .evaluate((element) => (element as HTMLElementTagNameMap['qiniu-uploader']).add([new File(['file ..'], '..')]));
    await page.waitForFunction(
      (count) =>
        document.querySelector('qiniu-uploader')?.items.filter(({ status }) => status === 'done').length === count,
      names.length,
      { timeout: 30_000 },
    );
    const links = await page
      .locator('qiniu-uploader')
      .evaluate((element) =>
        [...(element.shadowRoot?.querySelectorAll('.name a') ?? [])].map((link) => (link as HTMLAnchorElement).href),
      );
    const stored = await Promise.all(links.map(async (link) => (await fetch(link)).text()));
    assert.deepEqual(stored, [...paths.map((_, index) => `file ${index}`), 'file ..']);
    const sent = await page
      .locator('qiniu-uploader')
      .evaluate((element) => (element as HTMLElementTagNameMap['qiniu-uploader']).items.map(({ name }) => name));
    assert.deepEqual(sent, [...names.filter((name) => name !== '..'), '..']);
    await page.context().close();
  });
});
