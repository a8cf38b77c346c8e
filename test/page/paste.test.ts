import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from '@playwright/test';
import { startBrowserSite, type BrowserSite } from '../support/browser-site.js';
import { PNG } from '../support/test-data.js';

let site: BrowserSite;
before(async () => {
  site = await startBrowserSite();
});
after(() => site.close());

/** What is copied, by type: the browser's own clipboard holds all of it at once. */
interface Copied {
  readonly 'text/plain'?: string;
  readonly 'text/html'?: string;
}

/** As Word and Excel copy a table: the same as text, as markup, and as a picture of it. */
const OFFICE: Copied = { 'text/plain': 'A1\tB1\r\nA2\tB2\r\n', 'text/html': '<table><tr><td>A1</td></tr></table>' };
const PICTURE: Copied = {};

async function copy(page: Page, texts: Copied): Promise<void> {
  await page.evaluate(
    async ([all, png]) => {
      const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
      const parts = Object.entries(all).map(([type, text]) => [type, new Blob([text as string], { type })] as const);
      await navigator.clipboard.write([
        new ClipboardItem({ ...Object.fromEntries(parts), 'image/png': new Blob([bytes], { type: 'image/png' }) }),
      ]);
    },
    [texts, PNG.toString('base64')] as const,
  );
}

/** Copies, puts focus where it is said, and presses the keys for pasting. @returns how many files are in the list */
async function paste(page: Page, texts: Copied, focus: string): Promise<number> {
  await page.bringToFront();
  await copy(page, texts);
  await page.locator(focus).first().focus();
  await page.evaluate(() => addEventListener('paste', () => Object.assign(globalThis, { isPasted: true }), true));
  await page.keyboard.press('ControlOrMeta+V');
  await page.waitForFunction(() => 'isPasted' in globalThis, undefined, { timeout: 5000 });
  // What is taken is read first: a picture is there in a moment, if it is.
  return page.locator('qiniu-uploader').evaluate(async (element) => {
    const uploader = element as HTMLElementTagNameMap['qiniu-uploader'];
    for (let frame = 0; frame < 30 && uploader.items.length === 0; frame += 1) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return uploader.items.length;
  });
}

const FIELDS = `<textarea id="area"></textarea><input id="field"><div id="editor" contenteditable style="height: 30px"></div><main></main>
  <script>document.querySelector('main').attachShadow({ mode: 'open' }).innerHTML = '<input id="inside">';</script>
  <button id="button">A button</button>`;

async function open(attributes: string): Promise<Page> {
  const page = await site.openPage(`<qiniu-uploader multiple manual ${attributes}></qiniu-uploader>${FIELDS}`);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page
    .locator('qiniu-uploader')
    .evaluate((element) => (element as HTMLElementTagNameMap['qiniu-uploader']).load());
  return page;
}

describe('text with a picture of it, as Office copies it (F6)', () => {
  for (const [where, value] of [
    ['#area', () => (document.querySelector('#area') as HTMLTextAreaElement).value],
    ['#field', () => (document.querySelector('#field') as HTMLInputElement).value],
    ['#editor', () => document.querySelector('#editor')?.textContent],
    ['#inside', () => document.querySelector('main')?.shadowRoot?.querySelector('input')?.value],
  ] as const) {
    test(`belongs to what takes text, with paste="document" too: ${where}`, async () => {
      const page = await open('paste="document"');
      assert.equal(await paste(page, OFFICE, where), 0);
      assert.match((await page.evaluate(value)) ?? '', /A1/);
      await page.context().close();
    });
  }

  for (const [what, attributes, where] of [
    ['a button of the page', 'paste="document"', '#button'],
    ['the element', '', 'qiniu-uploader button'],
  ] as const) {
    test(`is text without such a place too: a picture of words was not meant (focus on ${what})`, async () => {
      const page = await open(attributes);
      assert.equal(await paste(page, OFFICE, where), 0);
      await page.context().close();
    });
  }
});

describe('a picture that is pasted (F6)', () => {
  for (const [what, copied] of [
    ['alone', PICTURE],
    ['with its markup, as pages copy it', { 'text/html': '<img src="https://example.com/a.png">' }],
    [
      'with its markup and its address, as some browsers copy it',
      { 'text/html': '<img src="https://example.com/a.png">', 'text/plain': 'https://example.com/a.png' },
    ],
    ['with text that is only blank, as Word copies it', { 'text/html': '<p><img src="a"></p>', 'text/plain': ' \r\n' }],
  ] as const) {
    test(`is taken: ${what}`, async () => {
      const page = await open('paste="document"');
      assert.equal(await paste(page, copied, '#area'), 1);
      assert.equal(await page.locator('#area').inputValue(), '');
      await page.context().close();
    });
  }

  test('is taken in the element where nothing else is said, and not beside it', async () => {
    const page = await open('');
    assert.equal(await paste(page, PICTURE, '#button'), 0);
    assert.equal(await paste(page, PICTURE, 'qiniu-uploader button'), 1);
    await page.context().close();
  });
});
