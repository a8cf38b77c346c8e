import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import { Router, type CookieOptions, type Request, type Response } from 'express';
import { HttpError } from './http-error.js';

/**
 * Who is asking; no value refuses the request with 401. The one place where your accounts belong:
 * `(req) => req.session.userId`.
 */
export type Authenticate = (req: Request, res: Response) => string | undefined | Promise<string | undefined>;

export interface SessionOptions {
  /** The first signs, all are accepted, so that a secret can be replaced. */
  readonly secrets: readonly string[];
  /** Whether visitors reach this server by HTTPS even where no proxy says so. */
  readonly isSecure: boolean;
  /** Whether other sites show this server's pages in a frame. */
  readonly isFramed: boolean;
}

const COOKIE = 'uploader-visitor';

/**
 * With this prefix browsers take the cookie from this very host by HTTPS only: no sibling domain, and no plain-HTTP
 * attacker, can put a visitor into another's session.
 *
 * Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
 */
const HOST_ONLY = '__Host-';

/** Milliseconds: 400 days, the most for which browsers keep a cookie. */
const LIFETIME = 400 * 24 * 3600 * 1000;

/** The demo's accounts: every visitor gets one, in a signed cookie that scripts cannot read and other sites cannot send. */
export function visitorSession({ secrets, isSecure, isFramed }: SessionOptions): Router {
  return Router()
    .use(cookieParser([...secrets]))
    .use((req, res, next) => {
      const secure = isSecure || req.secure;
      const name = secure ? `${HOST_ONLY}${COOKIE}` : COOKIE;
      const { [name]: given } = req.signedCookies as Readonly<Record<string, unknown>>;
      const visitor = typeof given === 'string' && given !== '' ? given : randomUUID();
      if (visitor !== given) {
        res.cookie(name, visitor, { ...siteRules(secure, isFramed), httpOnly: true, signed: true, maxAge: LIFETIME });
      }
      (res.locals as Locals).visitor = visitor;
      next();
    });
}

/** In a frame of another site a cookie is kept only if it says so, and then one for each site around the frame. */
function siteRules(secure: boolean, isFramed: boolean): CookieOptions {
  return isFramed && secure ? { secure, sameSite: 'none', partitioned: true } : { secure, sameSite: 'lax' };
}

/** The visitor of `visitorSession()`. */
export const visitorOf: Authenticate = (_req, res) => (res.locals as Locals).visitor;

/** Refuses requests without a user, and notes the user for the routes behind it. */
export function requireUser(authenticate: Authenticate): Router {
  return Router().use(async (req, res, next) => {
    const endUser = await authenticate(req, res);
    if (!endUser) throw new HttpError(401, 'not-signed-in', 'Sign in to upload.');
    (res.locals as Locals).endUser = endUser;
    next();
  });
}

/** Who is asking, where `requireUser()` has found out. */
export function findEndUser(res: Response): string | undefined {
  return (res.locals as Locals).endUser;
}

/** Who is asking, in a route behind `requireUser()`. */
export function endUserOf(res: Response): string {
  const endUser = findEndUser(res);
  if (endUser === undefined) throw new Error('This route stands before requireUser().');
  return endUser;
}

interface Locals {
  visitor?: string;
  endUser?: string;
}
