import cors from 'cors';
import { Router, type RequestHandler } from 'express';
import { HttpError } from './http-error.js';

/**
 * Lets pages of this server and of the origins that are named call the API, and no other: a browser says in every
 * request where it comes from. What sends neither header is no browser, and carries nobody's cookie.
 *
 * Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function sameSiteOnly(allowedOrigins: readonly string[]): RequestHandler {
  return Router()
    .use(cors({ origin: [...allowedOrigins], credentials: true, methods: ['GET', 'POST', 'DELETE'], maxAge: 3600 }))
    .use((req, _res, next) => {
      const origin = req.get('origin');
      const site = req.get('sec-fetch-site');
      const isAllowed = origin !== undefined && allowedOrigins.includes(origin);
      const isOwn =
        site === undefined
          ? origin === undefined || (URL.canParse(origin) && new URL(origin).host === req.get('host'))
          : site === 'same-origin' || site === 'none';
      if (!isAllowed && !isOwn) {
        throw new HttpError(403, 'cross-site', 'Another site may not do this. Name its origin in ALLOWED_ORIGINS.');
      }
      next();
    });
}
