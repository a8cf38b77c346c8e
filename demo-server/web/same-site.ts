import cors from 'cors';
import { Router, type Request, type RequestHandler } from 'express';
import { HttpError } from './http-error.js';

export interface SameSiteOptions {
  /** Origins of other sites that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** This server's own public origins, e.g. of `PUBLIC_URL`, which a proxy may hide. */
  readonly ownOrigins: readonly string[];
  /** Whether `X-Forwarded-Host` of a proxy is trusted. */
  readonly isBehindProxy: boolean;
}

/** Response headers that pages on other origins can read: the server's time, and how long to wait. */
const EXPOSED_HEADERS = ['Date', 'Retry-After'];

/**
 * Accepts API requests only from pages of this server and of the allowed origins. A request without `Sec-Fetch-Site`,
 * `Origin` and `Referer` either does not come from another site's page or has no cookie.
 *
 * Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function sameSiteOnly(options: SameSiteOptions): RequestHandler {
  const allowed = new Set(options.allowedOrigins);
  return Router()
    .use(
      cors({
        origin: [...allowed],
        credentials: true,
        methods: ['GET', 'POST', 'DELETE'],
        exposedHeaders: EXPOSED_HEADERS,
        maxAge: 3600,
      }),
    )
    .use((req, _res, next) => {
      const origin = req.get('origin');
      const isAllowed = origin !== undefined && allowed.has(origin);
      if (!isAllowed && !isOwn(req, options)) throw new HttpError(403, 'cross-site', rejectionMessage(req, options));
      next();
    });
}

function isOwn(req: Request, options: SameSiteOptions): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // On plain HTTP, browsers do not send `Sec-Fetch-Site`. `GET` has no `Origin` either, but may have a `Referer`.
  const from = req.get('origin') ?? req.get('referer');
  return from === undefined || (URL.canParse(from) && isOwnAddress(new URL(from), req, options));
}

function isOwnAddress(from: URL, req: Request, { ownOrigins, isBehindProxy }: SameSiteOptions): boolean {
  if (ownOrigins.includes(from.origin)) return true;
  // Express uses `X-Forwarded-Host` if the proxy that sends it is trusted.
  const host: unknown = req.host;
  const address = `${from.protocol}//${String(host)}`;
  if (!URL.canParse(address)) return false;
  const own = new URL(address);
  if (own.host === from.host) return true;
  // nginx's `$host` has no port. Cookies are shared by all ports of a host, so this is no less secure.
  return isBehindProxy && own.port === '' && own.hostname === from.hostname;
}

function rejectionMessage(req: Request, { isBehindProxy }: SameSiteOptions): string {
  const host = String(req.host);
  const remedy = isBehindProxy
    ? 'make the proxy send X-Forwarded-Host'
    : 'make the proxy forward Host, or send X-Forwarded-Host and set TRUSTED_PROXIES';
  return (
    `Requests from other sites are not allowed: add the site's origin to ALLOWED_ORIGINS. ` +
    `If this is the server's own page, a proxy hides its address (the server sees ${host}): ${remedy}.`
  );
}
