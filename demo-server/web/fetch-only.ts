import type { RequestHandler } from 'express';
import { HttpError } from './http-error.js';

/**
 * Accepts a `GET` request with side effects only if a script sent it with `fetch()`, and never for a navigation, frame,
 * image, style sheet or script. Any site can cause those, and navigations send `SameSite=Lax` cookies.
 *
 * Browsers send `Sec-Fetch-Mode` and `Sec-Fetch-Dest` only on HTTPS and localhost. Without them, the request must
 * accept JSON or have the header `X-Requested-With`: navigations and subresources do not accept JSON, and pages of
 * other sites cannot set that header. `sameSiteOnly()` checks the site.
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
    'This URL is available only to scripts. Use fetch() with the header "Accept: application/json", or POST.',
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
