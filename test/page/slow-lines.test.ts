import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { startRelay, type Relay } from '../support/relay.js';
import { openSitePage, startSite } from '../support/site.js';

const MIB = 1024 * 1024;

/** Passes each request on by itself, so that the page sees no progress of it. */
const SERVICE_WORKER = `
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener('fetch', (event) => event.respondWith(fetch(event.request)));
`;

let demo: Demo;
let browser: Browser;

before(async () => {
  demo = await startDemo({ kodo: { control: true } });
  const { executablePath, args } = await findOrInstallBrowser();
  browser = await chromium.launch({ executablePath, args });
});
after(async () => {
  await browser.close();
  await demo.close();
});

interface Outcome {
  readonly status: string;
  readonly error: string | undefined;
  /** States in words, as the row showed them, each once. */
  readonly texts: readonly string[];
  readonly waits: readonly string[];
}

/** Uploads a file of zeros with the element of the page, and waits for its end. */
async function upload(page: Page, size: number): Promise<Outcome> {
  return page.evaluate(async (bytes) => {
    const element = document.querySelector('qiniu-uploader');
    if (element === null) throw new Error('There is no element.');
    const texts = new Set<string>();
    const waits: string[] = [];
    element.addEventListener('upload-wait', ({ detail: { reason } }) => {
      waits.push(reason.code === 'back-off' ? reason.error.code : reason.code);
    });
    const [item] = await element.add([new File([new Uint8Array(bytes)], 'slow.bin')]);
    const end = performance.now() + 1_500_000; // the slowest line needs 640 s
    for (;;) {
      if (performance.now() > end) throw new Error('The upload did not end within 25 minutes.');
      const now = element.items.find(({ id }) => id === item?.id);
      const text = element.shadowRoot?.querySelector('.status')?.textContent;
      if (text) texts.add(text);
      if (now !== undefined && ['done', 'failed', 'unconfirmed'].includes(now.status)) {
        const error = 'error' in now ? now.error.code : undefined;
        return { status: now.status, error, texts: [...texts], waits };
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, size);
}

/** A page whose uploads go through a relay. */
async function behindRelay(
  bytesPerSecond: number,
  attributes: string,
  act: (page: Page, relay: Relay) => Promise<void>,
): Promise<void> {
  const relay = await startRelay(demo.kodo?.origin ?? '', bytesPerSecond);
  const site = await startSite(demo, { upHosts: [relay.origin] });
  const page = await browser.newPage();
  try {
    await openSitePage(
      page,
      site.pageUrl(`<qiniu-uploader token-endpoint="/api/uploads/token" ${attributes}></qiniu-uploader>`),
    );
    await act(page, relay);
  } finally {
    await page.close();
    await site.close();
    await relay.close();
  }
}

/**
 * Sizes, bytes per second and the stall timeout. The answer takes several times as long as progress may pause. With
 * `SLOW_LINES=full` the lines are as slow as people have met them; that takes a quarter of an hour.
 */
const LINES: readonly (readonly [size: number, rate: number, attributes: string])[] =
  process.env['SLOW_LINES'] === 'full'
    ? [
        [4 * MIB, 100_000, ''],
        [12 * MIB, 100_000, ''],
        [300 * MIB, 500_000, ''],
      ]
    : [
        [4 * MIB, 1_000_000, 'stall-timeout="800"'],
        [12 * MIB, 2_500_000, 'stall-timeout="800"'],
      ];

describe('a relay that takes everything at once and passes it on slowly (F1)', () => {
  for (const [size, rate, attributes] of LINES) {
    test(`${size / MIB} MiB: stored, no byte goes out twice, and the row says what it waits for`, async () => {
      await behindRelay(rate, attributes, async (page, relay) => {
        const { status, error, texts, waits } = await upload(page, size);
        assert.deepEqual({ status, error, waits }, { status: 'done', error: undefined, waits: [] });
        assert.ok(relay.taken < size * 1.02 + 20_000, `${relay.taken} bytes went out`);
        assert.ok(texts.includes('Sent. Waiting for the server…'), texts.join(', '));
      });
    });
  }

  for (const [when, partsBefore] of [
    ['from the beginning', 0],
    ['in the middle', 2],
  ] as const) {
    test(`that is dead ${when} is noticed, and the upload continues at another host`, async () => {
      const relay = await startRelay(demo.kodo?.origin ?? '', 1e9);
      const site = await startSite(demo, { upHosts: [relay.origin, demo.kodo?.origin ?? ''] });
      const page = await browser.newPage();
      await openSitePage(
        page,
        site.pageUrl(
          '<qiniu-uploader token-endpoint="/api/uploads/token" stall-timeout="800" concurrency="2"></qiniu-uploader>',
        ),
      );
      const since = demo.kodo?.requests.length ?? 0;
      const parts = (): number =>
        (demo.kodo?.requests.slice(since) ?? []).filter(({ kind, status }) => kind === 'part' && status === 200).length;
      if (partsBefore === 0) relay.die();
      const uploading = upload(page, 40 * MIB);
      while (parts() < partsBefore) await page.waitForTimeout(5);
      relay.die();
      assert.equal((await uploading).status, 'done');
      await page.close();
      await site.close();
      await relay.close();
    });
  }
});

describe('a service worker that makes the requests itself (F1)', () => {
  for (const size of [4 * MIB, 12 * MIB]) {
    test(`${size / MIB} MiB on a slow line: stored, in one attempt`, async () => {
      const site = await startSite(demo, {
        routes: {
          '/worker.js': (_req, res) => {
            res.setHeader('content-type', 'text/javascript');
            res.end(SERVICE_WORKER);
          },
        },
      });
      const context = await browser.newContext();
      const page = await context.newPage();
      const url = site.pageUrl(
        '<qiniu-uploader token-endpoint="/api/uploads/token" stall-timeout="800"></qiniu-uploader>',
      );
      await openSitePage(page, url);
      await page.evaluate(async () => {
        await navigator.serviceWorker.register('/worker.js');
        await navigator.serviceWorker.ready;
      });
      await openSitePage(page, url);
      assert.equal(await page.evaluate(() => navigator.serviceWorker.controller !== null), true);
      demo.kodo?.faults.add({ kind: ['form', 'part'], bytesPerSecond: 2 * MIB, times: 0 });
      const { status, error, waits } = await upload(page, size);
      demo.kodo?.faults.clear();
      assert.deepEqual({ status, error, waits }, { status: 'done', error: undefined, waits: [] });
      await context.close();
      await site.close();
    });
  }
});
