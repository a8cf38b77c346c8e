import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Page } from '@playwright/test';
import type { Demo } from '../../demo-server/start-demo.js';

const SCRIPT = '<script type="module" src="/qiniu-uploader/qiniu-uploader.bundle.js"></script>';

type Route = (req: IncomingMessage, res: ServerResponse) => void;

export interface SiteOptions {
  /** What is in each page before its body; without it, the element's script. */
  readonly head?: string;
  /** The up hosts that the token route names, in the place of the local Kodo's own. */
  readonly upHosts?: readonly string[];
  /** What answers `/api/uploads/token` in the place of the demo server; asked at each request. */
  readonly tokenRoute?: () => Route | undefined;
  /** Further answers of the site, by path. */
  readonly routes?: Readonly<Record<string, Route>>;
}

export interface Site {
  readonly origin: string;
  /** Requests that the site was asked, as `GET /path`. */
  readonly requests: readonly string[];
  /** Address of a page with the element's script and this body. @param policy its content security policy */
  pageUrl(body: string, policy?: string): string;
  /** Lets the demo server answer a request. */
  passOn(req: IncomingMessage, res: ServerResponse): void;
  close(): Promise<void>;
}

/** A site with pages of its own; everything but these comes from the demo server, on the site's own origin. */
export async function startSite(
  demo: Demo,
  { head = SCRIPT, upHosts, tokenRoute, routes = {} }: SiteOptions = {},
): Promise<Site> {
  const requests: string[] = [];
  const server: Server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://site');
    requests.push(`${req.method ?? ''} ${pathname}`);
    const route = routes[pathname] ?? (pathname === '/api/uploads/token' ? tokenRoute?.() : undefined);
    if (route !== undefined) route(req, res);
    else if (pathname === '/page') {
      const policy = searchParams.get('policy');
      if (policy !== null) res.setHeader('content-security-policy', policy);
      res.setHeader('content-type', 'text/html; charset=utf-8');
      res.end(`<!doctype html><html lang="en"><title>A page</title>${head}${searchParams.get('body') ?? ''}`);
    } else if (pathname === '/api/uploads/token' && upHosts !== undefined) void passOn(req, res, withHosts(upHosts));
    else void passOn(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  async function passOn(req: IncomingMessage, res: ServerResponse, change?: (body: string) => string): Promise<void> {
    const { method, headers } = req;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(`${demo.origin}${req.url ?? ''}`, { method, headers }, resolve);
      outgoing.on('error', reject);
      req.pipe(outgoing);
    }).catch(() => undefined);
    if (answer === undefined) {
      res.destroy();
      return;
    }
    // The demo page's policy is not this site's. Frames without an origin ask for module scripts with CORS.
    const { 'content-security-policy': policy, ...headersOfAnswer } = answer.headers;
    void policy;
    const allowed = { ...headersOfAnswer, 'access-control-allow-origin': '*' };
    if (change === undefined) {
      res.writeHead(answer.statusCode ?? 502, allowed);
      answer.pipe(res);
      return;
    }
    const body = change((await buffer(answer)).toString());
    res.writeHead(answer.statusCode ?? 502, { ...allowed, 'content-length': Buffer.byteLength(body) });
    res.end(body);
  }

  return {
    origin,
    requests,
    pageUrl: (body, policy) =>
      `${origin}/page?${new URLSearchParams({ body, ...(policy === undefined ? {} : { policy }) }).toString()}`,
    passOn: (req, res) => void passOn(req, res),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function withHosts(hosts: readonly string[]): (body: string) => string {
  return (body) => {
    const answer = JSON.parse(body) as object;
    return JSON.stringify('token' in answer ? { ...answer, hosts } : answer);
  };
}

/** Waits until the element is defined, and collects from then on what breaks the page's policy. */
export async function openSitePage(page: Page, url: string): Promise<void> {
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(globalThis, { violations });
    document.addEventListener('securitypolicyviolation', (event) => {
      violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(url);
  await page.waitForFunction(() => customElements.get('qiniu-uploader') !== undefined);
}

/** What has broken the page's policy so far. */
export function violationsOn(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations);
}
