import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { MEDIA_SAMPLES } from '../support/media-samples.js';
import { startBrowserSite, type BrowserSite } from '../support/browser-site.js';

const FIREFOX = process.env['FIREFOX_PATH'] ?? '/usr/bin/firefox-esr';

let site: BrowserSite;
let folder: string;
let paths: readonly string[];

before(async () => {
  site = await startBrowserSite();
  folder = await mkdtemp(join(tmpdir(), 'qiniu-uploader-types-'));
  paths = [...MEDIA_SAMPLES.map(([extension]) => join(folder, `sample.${extension}`)), join(folder, 'setup.exe')];
  for (const path of paths) await writeFile(path, 'x');
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

const BODY = '<input type="file" id="plain" multiple><qiniu-uploader multiple manual></qiniu-uploader>';

interface Verdict {
  readonly accept: string;
  readonly name: string;
  readonly type: string;
  readonly status: string | undefined;
}

/** Offers files that were chosen in the page's input to the element, with an `accept` each. Runs in the page. */
async function judge(offers: readonly (readonly [name: string, accept: string])[]): Promise<readonly Verdict[]> {
  const element = document.querySelector('qiniu-uploader') as HTMLElementTagNameMap['qiniu-uploader'];
  const { files } = document.querySelector('#plain') as HTMLInputElement;
  const verdicts: Verdict[] = [];
  for (const [name, accept] of offers) {
    const file = [...(files ?? [])].find((one) => one.name === name);
    if (file === undefined) throw new Error(`${name} was not chosen.`);
    element.accept = accept;
    const [item] = await element.add([file]);
    verdicts.push({ accept, name, type: file.type, status: item?.status });
    element.clear();
  }
  return verdicts;
}

const TAKEN = MEDIA_SAMPLES.flatMap(([extension, ...types]) =>
  [...types, `.${extension}`].map((accept) => [`sample.${extension}`, accept] as const),
);
const REFUSED = MEDIA_SAMPLES.flatMap(([, ...types]) => types.map((accept) => ['setup.exe', accept] as const));

function check(verdicts: readonly Verdict[]): void {
  const wrong = verdicts.filter(({ name, status }) => status !== (name === 'setup.exe' ? 'rejected' : 'queued'));
  assert.deepEqual(wrong, []);
  assert.equal(verdicts.length, TAKEN.length + REFUSED.length);
}

describe('files of all kinds, with the types that browsers give them, are taken (F10)', () => {
  test('in Chromium', async () => {
    const page = await site.openPage(BODY);
    const chooser = page.waitForEvent('filechooser');
    await page.locator('#plain').click();
    await (await chooser).setFiles([...paths]);
    check(await page.evaluate(judge, [...TAKEN, ...REFUSED]));
    await page.context().close();
  });

  test('in Firefox', { skip: existsSync(FIREFOX) ? false : `${FIREFOX} is not installed` }, async () => {
    const browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX });
    try {
      const page = await browser.newPage();
      await page.goto(site.pageUrl(BODY));
      await page.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
      const input = await page.$('input#plain');
      await input?.uploadFile(...paths);
      check(await page.evaluate(judge, [...TAKEN, ...REFUSED]));
    } finally {
      await browser.close();
    }
  });
});
