import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site of somebody else's: a page with any body and policy, and the demo server behind it. */
export interface Site {
  /** Address of the page with this body, and with this content security policy. */
  address(body: string, policy?: string): string;
  close(): void;
}

/**
 * Starts a site on a free port. Everything but its pages comes from the demo server, on the same origin.
 *
 * @param head what comes before the body
 */
export async function startSite(demoOrigin: string, head: string): Promise<Site> {
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://site');
    if (pathname !== '/page') {
      passOn(req, res, demoOrigin);
      return;
    }
    const policy = searchParams.get('policy');
    if (policy !== null) res.setHeader('content-security-policy', policy);
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(`<!doctype html><html lang="en"><title>A page</title>${head}${searchParams.get('body') ?? ''}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (body, policy) =>
      `http://127.0.0.1:${port}/page?${new URLSearchParams({ body, ...(policy === undefined ? {} : { policy }) })}`,
    close: () => server.close(),
  };
}

function passOn(req: IncomingMessage, res: ServerResponse, origin: string): void {
  const { method, headers } = req;
  const outgoing = request(`${origin}${req.url ?? ''}`, { method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  outgoing.on('error', () => res.destroy());
  req.pipe(outgoing);
}
