import { randomUUID } from 'node:crypto';
import cookieParser from 'cookie-parser';
import { Router, type Request, type Response } from 'express';
import { HttpError } from './http-error.js';

/**
 * Who is asking; nothing refuses the request with 401. The one place where your accounts belong:
 * `(req) => req.session.userId`.
 */
export type Authenticate = (req: Request, res: Response) => string | undefined | Promise<string | undefined>;

const COOKIE = 'uploader-visitor';

/** Milliseconds: 400 days, the most that browsers keep a cookie. */
const LIFETIME = 400 * 24 * 3600 * 1000;

/**
 * The demo's accounts: everybody gets one, in a signed cookie that scripts cannot read and other sites cannot send.
 *
 * @param secrets the first signs, all are believed, so that a secret can be replaced
 */
export function visitorSession(secrets: readonly string[], isSecure: boolean): Router {
  return Router()
    .use(cookieParser([...secrets]))
    .use((req, res, next) => {
      const { [COOKIE]: given } = req.signedCookies as Readonly<Record<string, unknown>>;
      const visitor = typeof given === 'string' ? given : randomUUID();
      if (visitor !== given) {
        const options = { httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true, maxAge: LIFETIME } as const;
        res.cookie(COOKIE, visitor, options);
      }
      (res.locals as Locals).visitor = visitor;
      next();
    });
}

/** The visitor of `visitorSession()`. */
export const visitorOf: Authenticate = (_req, res) => (res.locals as Locals).visitor;

/** Refuses who is nobody, and notes who is asking for the routes behind it. */
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
