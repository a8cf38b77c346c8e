import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { startSite, type Site } from '../support/site.js';
import { PNG } from '../support/test-data.js';

let demo: Demo;
let site: Site;
let browser: Browser;

/** Finds the package by its name, as a bundler would. */
const HEAD = `<link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({
  imports: {
    'qiniu-uploader': '/qiniu-uploader/qiniu-uploader.bundle.js',
    'qiniu-uploader/core': '/qiniu-uploader/qiniu-uploader.core.bundle.js',
  },
})}</script>`;

before(async () => {
  demo = await startDemo({ kodo: { control: true } });
  site = await startSite(demo, { head: HEAD });
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await site.close();
  await demo.close();
});

interface Snippet {
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks that a page is made of. */
function snippetsOf(file: string): readonly Snippet[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```(html|js)\n(.*?)^```/gms)].map(([, language = '', code = '']) => ({ language, code }));
}

/** A script stands in a page that has a field for files. */
function bodyOf({ language, code }: Snippet): string {
  return language === 'html' ? code : `<input type="file" multiple><script type="module">${code}</script>`;
}

for (const file of ['README.md', 'README.zh-CN.md']) {
  describe(`the examples in ${file} (U7)`, () => {
    const snippets = snippetsOf(file);

    test('are the element and the headless queue', () => {
      assert.deepEqual(
        snippets.map(({ language }) => language),
        ['html', 'js'],
      );
    });

    for (const snippet of snippets) {
      test(`the one in ${snippet.language} uploads each file that is chosen, and says what the callback answered`, async () => {
        const page = await browser.newPage();
        const problems: string[] = [];
        const responses: { readonly name: string; readonly key: string }[] = [];
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push(message.text());
          void message
            .args()
            .at(0)
            ?.jsonValue()
            .then((value: unknown) => {
              if (typeof value === 'object' && value !== null && 'key' in value) {
                responses.push(value as (typeof responses)[number]);
              }
            });
        });
        await page.goto(site.pageUrl(bodyOf(snippet)));
        // Twice: the same field is used again.
        for (const [index, name] of ['first.png', 'second.png'].entries()) {
          await page.waitForFunction(() => document.querySelector('input[type=file], qiniu-uploader:defined') !== null);
          await page.locator('input[type=file]').setInputFiles([{ name, mimeType: 'image/png', buffer: PNG }]);
          const end = performance.now() + 15_000;
          while (responses.length <= index && performance.now() < end) await page.waitForTimeout(20);
          assert.equal(responses[index]?.name, name, problems.join('\n'));
        }
        const answer = await fetch(`${demo.kodo?.origin}/_kodo/objects?bucket=demo`);
        const objects = (await answer.json()) as readonly { readonly key: string; readonly fsize: number }[];
        for (const { key } of responses) {
          assert.equal(objects.find((object) => object.key === key)?.fsize, PNG.length);
        }
        assert.deepEqual(problems, []);
        await page.close();
      });
    }
  });
}
