import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser } from '@playwright/test';
import express from 'express';
import { findOrInstallBrowser } from '../support/browser.js';

const folder = fileURLToPath(new URL('../../storybook-static', import.meta.url));

interface Story {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly name: string;
}

const { entries } = JSON.parse(await readFile(`${folder}/index.json`, 'utf8')) as {
  readonly entries: Readonly<Record<string, Story>>;
};
/** The live one needs the demo server, and so is tested with it, as a page. */
const stories = Object.values(entries).filter(({ type, id }) => type === 'story' && !id.includes('live'));

const SETTINGS = [
  { language: 'zh-CN', scheme: 'light', direction: 'ltr' },
  { language: 'en', scheme: 'dark', direction: 'rtl' },
] as const;

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let server: Server;
let origin: string;
let browser: Browser;

before(async () => {
  server = express()
    .get('/favicon.ico', (_req, res) => void res.status(204).end())
    .use(express.static(folder))
    .listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  server.close();
});

/** Every story, as it is after its uploads have gone as far as they go: nothing in the console, nothing for axe. */
describe('the stories', () => {
  for (const { id, title, name } of stories) {
    test(`${title} / ${name}`, async () => {
      for (const settings of SETTINGS) {
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
        });
        page.on('requestfailed', (request) => problems.push(`${request.url()} failed`));
        const globals = Object.entries(settings).map(([key, value]) => `${key}:${value}`);
        await page.goto(`${origin}/iframe.html?viewMode=story&id=${id}&globals=${globals.join(';')}`);
        await page.locator('body.sb-show-main #storybook-root *').first().waitFor({ state: 'attached' });
        await page.evaluate(async () => {
          const elements = [...document.querySelectorAll('qiniu-uploader')];
          await Promise.all(elements.map((element) => element.updateComplete));
          await Promise.all(elements.map((element) => element.load()));
        });
        await page.waitForTimeout(500); // what is simulated has come to where it stays
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: { run(context: string): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          };
          const result = await axe.run('#storybook-root');
          return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
        });
        assert.deepEqual(violations, [], JSON.stringify(settings));
        assert.deepEqual(problems, [], JSON.stringify(settings));
        await page.close();
      }
    });
  }
});
