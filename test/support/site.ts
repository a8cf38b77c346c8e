import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Page } from '@playwright/test';
import type { Demo } from '../../demo-server/start-demo.js';

const SCRIPT = '<script type="module" src="/qiniu-uploader/qiniu-uploader.bundle.js"></script>';

type Route = (req: IncomingMessage, res: ServerResponse) => void;

export interface SiteOptions {
  /** HTML before the body of each page. Default: the element's script. */
  readonly head?: string;
  /** Upload hosts that the token route returns instead of the local Kodo's. */
  readonly upHosts?: readonly string[];
  /** Returns the handler of `/api/uploads/token` that replaces the demo server's; called for each request. */
  readonly tokenRoute?: () => Route | undefined;
  /** Additional routes of the site, by path. */
  readonly routes?: Readonly<Record<string, Route>>;
}

export interface Site {
  readonly origin: string;
  /** Requests that the site has received, as `GET /path`. */
  readonly requests: readonly string[];
  /** Returns the URL of a page with the element's script and this body. @param policy its Content Security Policy */
  pageUrl(body: string, policy?: string): string;
  /** Forwards a request to the demo server. */
  passOn(req: IncomingMessage, res: ServerResponse): void;
  close(): Promise<void>;
}

/** Starts a site with its own pages. It forwards all other requests to the demo server, on the site's origin. */
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
    // Drop the demo page's policy. Frames with an opaque origin load module scripts with CORS.
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

/** Opens a page, waits until the element is defined and collects violations of the page's policy. */
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

/** Returns the violations of the page's policy so far. */
export function violationsOn(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => (globalThis as unknown as { violations: string[] }).violations);
}
