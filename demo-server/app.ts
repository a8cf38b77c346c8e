import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { HttpError } from './http-error.js';
import type { Bucket } from './bucket.js';
import type { AfterAnswer } from './follow-up.js';
import { callbackRoute } from './routes/callback.js';
import { confirmRoute } from './routes/confirm.js';
import { tokenRoute } from './routes/token.js';
import { uploadsRoute } from './routes/uploads.js';
import { sameSiteOnly } from './same-site.js';
import type { Showcase } from './showcase/showcase.js';
import { endUserOf, requireUser, visitorOf, visitorSession } from './session.js';
import type { Store } from './store.js';
import type { UploadSettings } from './upload-settings.js';

export interface AppOptions {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly bucket: Bucket;
  readonly afterAnswer: AfterAnswer;
  readonly logger: Logger;
  /** Folder of the page, served at `/`. */
  readonly pageFolder: string;
  /** Folder of the built element, served at `/qiniu-uploader/`. */
  readonly elementFolder: string;
  /** How many proxies in front name the client's address. Default 0. */
  readonly trustedProxies?: number;
  /** Tokens that one user may ask for in a minute; five times as many from one address. Default 600. */
  readonly tokensPerMinute?: number;
  /** What signs visitors' cookies; the first signs, all are believed. */
  readonly sessionSecrets: readonly string[];
  /** What only the demo's page needs. */
  readonly showcase?: Showcase;
  /** Origins of other sites that may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[];
}

/** Where the browser asks for a bucket's up hosts, and all of them: who is sent to a wrong region is told the right one. */
const QINIU = ['https://api.qiniu.com', 'https://*.qiniup.com'];

/** The demo server: token, callback, list, page. */
export function createApp(options: AppOptions): Express {
  const { settings, store, bucket, logger, afterAnswer, pageFolder, elementFolder, sessionSecrets } = options;
  const { trustedProxies = 0, tokensPerMinute = 600, allowedOrigins = [], showcase } = options;
  const isSecure = settings.callbackUrl?.startsWith('https:') ?? false;
  const app = express();
  app.set('trust proxy', trustedProxies);
  app.use(securityHeaders(settings));
  app.use(requestLog(logger));

  if (showcase !== undefined) app.use('/api/uploads', showcase.record);

  // Qiniu calls it, with its signature: no session, no rule about sites.
  app.use('/api/uploads/callback', callbackRoute({ settings, store, logger, bucket, afterAnswer }));

  // The demo gives every visitor an account. With yours, let `authenticate` answer the user of your session.
  const authenticate = visitorOf;
  app.use('/api', sameSiteOnly(allowedOrigins));
  // With the page already: uploads that begin together are to be one visitor's.
  app.use(['/api', /^\/$/], visitorSession(sessionSecrets, isSecure));
  app.use('/api', requireUser(authenticate));
  app.use(
    '/api/uploads/token',
    limitTokens(tokensPerMinute * 5, (req) => ipKeyGenerator(req.ip ?? '')),
    limitTokens(tokensPerMinute, (_req, res) => endUserOf(res)),
    express.json({ limit: '16kb' }),
    tokenRoute({ settings, store }),
  );
  app.use('/api/uploads', confirmRoute({ settings, store, logger, bucket, afterAnswer }));
  app.use('/api/uploads', uploadsRoute({ settings, store, bucket }));
  if (showcase !== undefined) app.use('/api/showcase', showcase.routes);
  app.get('/healthz', async (_req, res) => {
    await store.ping();
    res.set('cache-control', 'no-store').json({ status: 'ok' });
  });
  app.use('/qiniu-uploader', express.static(elementFolder));
  app.use(express.static(pageFolder));
  app.use(() => {
    throw new HttpError(404, 'not-found', 'There is nothing at this address.');
  });
  app.use(errorAnswer(logger));
  return app;
}

/** Counted in this process: several instances each allow as much. */
function limitTokens(perMinute: number, keyGenerator: (req: Request, res: Response) => string): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    keyGenerator,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    message: { error: { code: 'too-many-requests', message: 'Too many uploads at once. Wait a minute.' } },
  });
}

/** A strict policy: the page runs its own scripts only, and reaches its own server, the up hosts and the pictures. */
function securityHeaders({ hosts, domain, managementOrigin }: UploadSettings): RequestHandler {
  const upHosts = managementOrigin === undefined ? QINIU : hosts;
  const pictures = new URL(domain).origin;
  const isLocal = [...upHosts, pictures].some((origin) => origin.startsWith('http:'));
  return helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'", ...upHosts],
        imgSrc: ["'self'", pictures],
        upgradeInsecureRequests: isLocal ? null : [],
      },
    },
    // Without TLS in front of it, a promise of TLS would lock people out, and browsers complain of the others.
    strictTransportSecurity: !isLocal,
    crossOriginOpenerPolicy: !isLocal,
    originAgentCluster: !isLocal,
  });
}

/** One line of JSON a request: no header, no query, no body, so no token and no secret. */
function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    autoLogging: { ignore: (req: IncomingMessage) => req.url === '/healthz' },
    customLogLevel: (_req: IncomingMessage, res: ServerResponse, error?: Error) =>
      error !== undefined || res.statusCode >= 500 ? 'error' : 'info',
    serializers: {
      req: ({ id, method, url }: { id: unknown; method: string; url: string }) => ({
        id,
        method,
        path: url.split('?')[0],
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
    },
  });
}

/** The last handler: every error as JSON, in words for known ones, and without any for the rest. */
function errorAnswer(logger: Logger) {
  return (error: unknown, _req: Request, res: Response, next: NextFunction): void => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { status, code, message } = known(error) ?? {
      status: 500,
      code: 'server-error',
      message: 'The server failed. Try again later.',
    };
    if (status === 500) logger.error({ err: error }, 'request failed');
    res.status(status).set('cache-control', 'no-store').json({ error: { code, message } });
  };
}

function known(error: unknown): Pick<HttpError, 'status' | 'code' | 'message'> | undefined {
  if (error instanceof HttpError) return error;
  const { type } = (error ?? {}) as { readonly type?: unknown };
  if (type === 'entity.too.large') return { status: 413, code: 'too-large', message: 'The request is too large.' };
  if (type === 'entity.parse.failed') return { status: 400, code: 'bad-request', message: 'The body is not JSON.' };
  if (type === 'encoding.unsupported') {
    return { status: 415, code: 'bad-request', message: 'The body must not be compressed.' };
  }
  return undefined;
}
