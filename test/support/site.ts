import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from './browser.js';

const SCRIPT = '<script type="module" src="/qiniu-uploader/qiniu-uploader.bundle.js"></script>';

/** A site with pages of its own that load the built element, with the demo server behind it, and a browser. */
export interface Site {
  readonly demo: Demo;
  readonly browser: Browser;
  /** Address of a page with this body and this content security policy. */
  address(body: string, policy?: string): string;
  /** The same, opened in a context of its own, so that other tabs are seen; the element is defined. */
  openPage(body: string, policy?: string): Promise<Page>;
  close(): Promise<void>;
}

export async function startSite(): Promise<Site> {
  const demo = await startDemo();
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://site');
    if (pathname !== '/page') {
      passOn(demo.origin, req, res);
      return;
    }
    const policy = searchParams.get('policy');
    if (policy !== null) res.setHeader('content-security-policy', policy);
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(`<!doctype html><html lang="en"><title>A page</title>${SCRIPT}${searchParams.get('body') ?? ''}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { executablePath, args } = await findOrInstallBrowser();
  const browser = await chromium.launch({ executablePath, args });
  const address = (body: string, policy?: string): string => {
    const { port } = server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/page?${new URLSearchParams({ body, ...(policy === undefined ? {} : { policy }) })}`;
  };
  return {
    demo,
    browser,
    address,
    async openPage(body, policy) {
      const page = await (await browser.newContext()).newPage();
      await page.goto(address(body, policy));
      await page.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
      await demo.close();
    },
  };
}

/** Everything but the pages themselves comes from the demo server. */
function passOn(origin: string, req: IncomingMessage, res: ServerResponse): void {
  const { method, headers } = req;
  const outgoing = request(`${origin}${req.url ?? ''}`, { method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  outgoing.on('error', () => res.destroy());
  req.pipe(outgoing);
}
