import cors from 'cors';
import { Router, type Request, type RequestHandler } from 'express';
import { HttpError } from './http-error.js';

export interface SameSiteOptions {
  /** Origins of other sites that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** Origins of this server itself, e.g. `PUBLIC_URL`'s: a proxy may hide them. */
  readonly ownOrigins: readonly string[];
  /** Whether proxies in front may say in `X-Forwarded-Host` what address the browser uses. */
  readonly isBehindProxy: boolean;
}

/** Headers of answers that a page on another origin may read: the clock, and how long to wait. */
const EXPOSED_HEADERS = ['Date', 'Retry-After'];

/**
 * Lets pages of this server and of the origins that are named call the API, and no others. Browsers state where a request
 * comes from; a request without `Sec-Fetch-Site`, `Origin` and `Referer` does not come from another site's page, or brings
 * no cookie.
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
      if (!isAllowed && !isOwn(req, options)) throw new HttpError(403, 'cross-site', refusalOf(req, options));
      next();
    });
}

function isOwn(req: Request, options: SameSiteOptions): boolean {
  const site = req.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // On plain HTTP browsers state no site. A `GET` has no `Origin` either, but may have a `Referer`.
  const from = req.get('origin') ?? req.get('referer');
  return from === undefined || (URL.canParse(from) && isOwnAddress(new URL(from), req, options));
}

function isOwnAddress(from: URL, req: Request, { ownOrigins, isBehindProxy }: SameSiteOptions): boolean {
  if (ownOrigins.includes(from.origin)) return true;
  // Express takes `X-Forwarded-Host` into account, where the proxy that sends it is trusted.
  const host: unknown = req.host;
  const address = `${from.protocol}//${String(host)}`;
  if (!URL.canParse(address)) return false;
  const own = new URL(address);
  if (own.host === from.host) return true;
  // nginx's `$host` is without its port. Cookies are shared by all ports of a host, so nothing is lost by that.
  return isBehindProxy && own.port === '' && own.hostname === from.hostname;
}

function refusalOf(req: Request, { isBehindProxy }: SameSiteOptions): string {
  const host = String(req.host);
  const remedy = isBehindProxy
    ? 'let the proxy send X-Forwarded-Host'
    : 'let the proxy pass Host on, or send X-Forwarded-Host and set TRUSTED_PROXIES';
  return (
    `Another site may not do this: name its origin in ALLOWED_ORIGINS. ` +
    `If this is the server's own page, a proxy hides its address (${host} arrives here): ${remedy}.`
  );
}
