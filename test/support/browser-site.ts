import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from './browser.js';
import { startSite } from './site.js';

/** A site whose pages load the built element, with the demo server behind it, and a browser. */
export interface BrowserSite {
  readonly demo: Demo;
  readonly browser: Browser;
  /** Returns the URL of a page with this body and Content Security Policy. */
  pageUrl(body: string, policy?: string): string;
  /** Opens such a page in a new browser context, which shares no storage, and waits until the element is defined. */
  openPage(body: string, policy?: string): Promise<Page>;
  close(): Promise<void>;
}

export async function startBrowserSite(): Promise<BrowserSite> {
  const demo = await startDemo();
  const site = await startSite(demo);
  const { executablePath, args } = await findOrInstallBrowser();
  const browser = await chromium.launch({ executablePath, args });
  return {
    demo,
    browser,
    pageUrl: (body, policy) => site.pageUrl(body, policy),
    async openPage(body, policy) {
      const page = await (await browser.newContext()).newPage();
      await page.goto(site.pageUrl(body, policy));
      await page.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
      return page;
    },
    async close() {
      await browser.close();
      await site.close();
      await demo.close();
    },
  };
}
