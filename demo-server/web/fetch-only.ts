import type { RequestHandler } from 'express';
import { HttpError } from './http-error.js';

/**
 * Lets a `GET` that changes something through only if a script asked with `fetch()`, and never for a navigation, a frame,
 * a picture, a style sheet or a script: those any site can cause, and a navigation brings a `SameSite=Lax` cookie with it.
 *
 * Browsers name the cause in `Sec-Fetch-Mode` and `Sec-Fetch-Dest`, but on HTTPS and localhost only. Without them the
 * request must ask for JSON, or carry `X-Requested-With`: navigations and subresources ask for what they show, and
 * a page elsewhere may not set that header. Which site asks is judged by `sameSiteOnly()`.
 *
 * Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Mode
 */
export const fetchOnly: RequestHandler = (req, _res, next) => {
  if (req.method !== 'GET' || isFetch((name) => req.get(name))) {
    next();
    return;
  }
  throw new HttpError(
    403,
    'not-fetch',
    'This address answers scripts only. Use fetch() with the header "Accept: application/json", or POST.',
  );
};

function isFetch(header: (name: string) => string | undefined): boolean {
  const mode = header('sec-fetch-mode');
  if (mode !== undefined) {
    return ['cors', 'same-origin'].includes(mode) && (header('sec-fetch-dest') ?? 'empty') === 'empty';
  }
  const accept = header('accept') ?? '';
  return header('x-requested-with') !== undefined || (/\bapplication\/json\b/i.test(accept) && !/html/i.test(accept));
}
