import type { Request, RequestHandler, Response } from 'express';
import type { FlowFeed, ShownExchange } from './flow-feed.js';

/** Replaces secrets. */
const REDACTED = '•••';

/** Headers that are shown. Cookies are excluded. */
const SHOWN_HEADERS = {
  browser: ['host', 'origin', 'sec-fetch-site', 'content-type'],
  kodo: ['host', 'user-agent', 'content-type', 'x-reqid', 'authorization'],
};

/**
 * Observes requests and responses of the API and sends them to the visitor whose upload they concern. The routes do not
 * depend on it.
 *
 * @param userOf returns the requesting user after the response has been sent
 */
export function recordFlow(feed: FlowFeed, userOf: (res: Response) => string | undefined): RequestHandler {
  return (req, res, next) => {
    const step = stepOf(req);
    if (step !== undefined) record(step, req, res, feed, userOf);
    next();
  };
}

function stepOf({ method, path }: Request): ShownExchange['step'] | undefined {
  if (path === '/token') return 'token';
  if (method !== 'POST') return undefined;
  if (path === '/callback') return 'callback';
  return path.endsWith('/confirm') ? 'confirm' : undefined;
}

function record(
  step: ShownExchange['step'],
  req: Request,
  res: Response,
  feed: FlowFeed,
  userOf: (res: Response) => string | undefined,
): void {
  const at = Date.now();
  const sendJson = res.json.bind(res);
  let sentBody: unknown;
  res.json = (body: unknown) => {
    sentBody = body;
    return sendJson(body);
  };
  res.on('finish', () => {
    const { method, originalUrl: path } = req;
    const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : (req.body as unknown);
    const callback = step === 'callback' ? new URLSearchParams(String(body)) : undefined;
    const { token, ...rest } = fieldsOf(sentBody);
    const user = callback?.get('endUser') ?? userOf(res);
    if (user === undefined) return;
    feed.send(user, {
      step,
      id: callback?.get('id') ?? /^\/([^/]+)\/confirm$/.exec(req.path)?.[1] ?? textOf(rest['id']),
      at,
      duration: Date.now() - at,
      request: { method, path, headers: shownHeaders(req, step === 'callback' ? 'kodo' : 'browser'), body },
      reply: { status: res.statusCode, body: token === undefined ? sentBody : { token: REDACTED, ...rest } },
      ...(typeof token === 'string' ? { policy: policyOf(token) } : {}),
    });
  });
}

function shownHeaders({ headers }: Request, from: keyof typeof SHOWN_HEADERS): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SHOWN_HEADERS[from].flatMap((name) => {
      const value = headers[name];
      if (typeof value !== 'string') return [];
      return [[name, name === 'authorization' ? value.replace(/[^ :]*$/, REDACTED) : value]];
    }),
  );
}

/** The third field of a token is its policy, Base64-encoded and not encrypted. */
function policyOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(':')[2] ?? '', 'base64url').toString());
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
