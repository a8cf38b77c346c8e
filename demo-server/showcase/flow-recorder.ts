import type { Request, RequestHandler, Response } from 'express';
import type { FlowFeed, ShownExchange } from './flow-feed.js';

const BLANK = '•••';

/** Headers that say something about the flow; cookies are not among them. */
const SHOWN_HEADERS = {
  browser: ['host', 'origin', 'sec-fetch-site', 'content-type'],
  kodo: ['host', 'user-agent', 'content-type', 'x-reqid', 'authorization'],
};

/**
 * Looks at the API's requests and answers from outside, and tells the visitor whose upload they are about. The routes
 * know nothing of it.
 *
 * @param userOf who asked, once the request was answered
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
  const answer = res.json.bind(res);
  let answered: unknown;
  res.json = (body: unknown) => {
    answered = body;
    return answer(body);
  };
  res.on('finish', () => {
    const { method, originalUrl: path } = req;
    const body = Buffer.isBuffer(req.body) ? req.body.toString('utf8') : (req.body as unknown);
    const told = step === 'callback' ? new URLSearchParams(String(body)) : undefined;
    const { token, ...rest } = fieldsOf(answered);
    const user = told?.get('endUser') ?? userOf(res);
    if (user === undefined) return;
    feed.tell(user, {
      step,
      id: told?.get('id') ?? /^\/([^/]+)\/confirm$/.exec(req.path)?.[1] ?? textOf(rest['id']),
      at,
      duration: Date.now() - at,
      request: { method, path, headers: shownHeaders(req, step === 'callback' ? 'kodo' : 'browser'), body },
      reply: { status: res.statusCode, body: token === undefined ? answered : { token: BLANK, ...rest } },
      ...(typeof token === 'string' ? { policy: policyOf(token) } : {}),
    });
  });
}

function shownHeaders({ headers }: Request, from: keyof typeof SHOWN_HEADERS): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SHOWN_HEADERS[from].flatMap((name) => {
      const value = headers[name];
      if (typeof value !== 'string') return [];
      return [[name, name === 'authorization' ? value.replace(/[^ :]*$/, BLANK) : value]];
    }),
  );
}

/** The third field of a token is its policy, in base64, for everybody to read. */
function policyOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(':')[2] ?? '', 'base64url').toString());
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
