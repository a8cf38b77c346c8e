import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import { Router, type CookieOptions, type Request, type Response } from 'express';
import { HttpError } from './http-error.js';

/**
 * Returns the id of the requesting user, or `undefined` to reject the request with 401. Connect your own accounts here:
 * `(req) => req.session.userId`.
 */
export type Authenticate = (req: Request, res: Response) => string | undefined | Promise<string | undefined>;

export interface SessionOptions {
  /** The first secret signs, and all are accepted, so that a secret can be replaced. */
  readonly secrets: readonly string[];
  /** Whether visitors use HTTPS, even if no proxy header says so. */
  readonly isSecure: boolean;
  /** Whether other sites embed this server's pages in a frame. */
  readonly isFramed: boolean;
}

const COOKIE = 'uploader-visitor';

/**
 * With this prefix, browsers accept the cookie only from this host over HTTPS, so that neither a sibling domain nor an
 * attacker on plain HTTP can replace a visitor's session.
 *
 * Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const HOST_ONLY = '__Host-';

/** Lifetime of the cookie in milliseconds: 400 days, the maximum in browsers. */
const LIFETIME = 400 * 24 * 3600 * 1000;

/** Gives every visitor an account, in a signed cookie that scripts cannot read and other sites cannot send. */
export function visitorSession({ secrets, isSecure, isFramed }: SessionOptions): Router {
  return Router()
    .use(cookieParser([...secrets]))
    .use((req, res, next) => {
      const secure = isSecure || req.secure;
      const name = secure ? `${HOST_ONLY}${COOKIE}` : COOKIE;
      const { [name]: given } = req.signedCookies as Readonly<Record<string, unknown>>;
      const visitor = typeof given === 'string' && given !== '' ? given : randomUUID();
      if (visitor !== given) {
        res.cookie(name, visitor, {
          ...cookieAttributes(secure, isFramed),
          httpOnly: true,
          signed: true,
          maxAge: LIFETIME,
        });
      }
      (res.locals as Locals).visitor = visitor;
      next();
    });
}

/** In another site's frame, browsers keep only `SameSite=None` cookies, which are partitioned by the embedding site. */
function cookieAttributes(secure: boolean, isFramed: boolean): CookieOptions {
  return isFramed && secure ? { secure, sameSite: 'none', partitioned: true } : { secure, sameSite: 'lax' };
}

/** Returns the visitor of `visitorSession()`. */
export const visitorOf: Authenticate = (_req, res) => (res.locals as Locals).visitor;

/** Rejects unauthenticated requests (401), and provides the user to the routes after it. */
export function requireUser(authenticate: Authenticate): Router {
  return Router().use(async (req, res, next) => {
    const endUser = await authenticate(req, res);
    if (!endUser) throw new HttpError(401, 'not-signed-in', 'Sign in to upload.');
    (res.locals as Locals).endUser = endUser;
    next();
  });
}

/** Returns the requesting user, if `requireUser()` has run. */
export function findEndUser(res: Response): string | undefined {
  return (res.locals as Locals).endUser;
}

/** Returns the requesting user, in a route after `requireUser()`. */
export function endUserOf(res: Response): string {
  const endUser = findEndUser(res);
  if (endUser === undefined) throw new Error('This route must come after requireUser().');
  return endUser;
}

interface Locals {
  visitor?: string;
  endUser?: string;
}
