import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { callbackRoute } from './routes/callback.js';
import { confirmRoute } from './routes/confirm.js';
import { tokenRoute } from './routes/token.js';
import { uploadsRoute } from './routes/uploads.js';
import type { Services } from './services.js';
import type { Showcase } from './showcase/showcase.js';
import type { UploadSettings } from './uploads/upload-settings.js';
import { errorAnswer } from './web/error-answer.js';
import { fetchOnly } from './web/fetch-only.js';
import { HttpError } from './web/http-error.js';
import { limitRequests } from './web/request-limits.js';
import { sameSiteOnly } from './web/same-site.js';
import { requireUser, visitorOf, visitorSession } from './web/session.js';

export interface AppOptions {
  readonly services: Services;
  /** Folder of the page, served at `/`. */
  readonly pageFolder: string;
  /** Folder of the built element, served at `/qiniu-uploader/`; absent where it is not built. */
  readonly elementFolder: string | undefined;
  /** How many proxies in front of this server are trusted to name the client's address, host and protocol. Default 0. */
  readonly trustedProxies?: number;
  /** Tokens that one user may ask for in a minute; five times as many from one address. Default 600. */
  readonly tokensPerMinute?: number;
  /** What signs visitors' cookies; the first signs, all are accepted. */
  readonly sessionSecrets: readonly string[];
  /** What only the demo's page needs. */
  readonly showcase?: Showcase;
  /** Origins of other sites that may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Origins of other sites that may show this server's pages in a frame. Default: none. */
  readonly framedBy?: readonly string[];
}

/** Where the browser asks for a bucket's up hosts, and all of them: Kodo answers a wrong region with the right host. */
const QINIU = ['https://api.qiniu.com', 'https://*.qiniup.com'];

/** The demo server: token, callback, list, page. */
export function createApp(options: AppOptions): Express {
  const { services, pageFolder, elementFolder, sessionSecrets, showcase } = options;
  const { trustedProxies = 0, tokensPerMinute = 600, allowedOrigins = [], framedBy = [] } = options;
  const { settings, store, logger } = services;
  const publicOrigin = settings.callbackUrl === undefined ? undefined : new URL(settings.callbackUrl).origin;
  const app = express();
  app.set('trust proxy', trustedProxies);
  app.use(securityHeaders(settings, framedBy));
  app.use(requestLog(logger));

  if (showcase !== undefined) app.use('/api/uploads', showcase.record);

  // Qiniu calls it, with its signature: no session, no rule about sites.
  app.use('/api/uploads/callback', callbackRoute(services));

  // The demo gives every visitor an account. With yours, let `authenticate` answer the user of your session.
  const authenticate = visitorOf;
  const ownOrigins = publicOrigin === undefined ? [] : [publicOrigin];
  app.use('/api', sameSiteOnly({ allowedOrigins, ownOrigins, isBehindProxy: trustedProxies > 0 }));
  // With the page already: uploads that begin together are to be one visitor's.
  const isSecure = publicOrigin?.startsWith('https:') ?? false;
  const session = visitorSession({ secrets: sessionSecrets, isSecure, isFramed: framedBy.length > 0 });
  app.use(['/api', /^\/$/], session);
  app.use('/api', requireUser(authenticate));
  const limit = (name: string): RequestHandler =>
    limitRequests({ name, perMinute: tokensPerMinute, postgres: store.postgres });
  app.use('/api/uploads/token', fetchOnly, limit('token'), express.json({ limit: '16kb' }), tokenRoute(services));
  app.post('/api/uploads/:id/confirm', limit('confirm'));
  app.delete('/api/uploads/:id', limit('delete'));
  app.use('/api/uploads', confirmRoute(services), uploadsRoute(services));
  if (showcase !== undefined) app.use('/api/showcase', showcase.routes);
  app.get('/healthz', async (_req, res) => {
    await store.ping();
    res.set('cache-control', 'no-store').json({ status: 'ok' });
  });
  if (elementFolder !== undefined) app.use('/qiniu-uploader', express.static(elementFolder));
  app.use(express.static(pageFolder));
  app.use(() => {
    throw new HttpError(404, 'not-found', 'There is nothing at this address.');
  });
  app.use(errorAnswer(logger));
  return app;
}

/** A strict policy: the page runs its own scripts only, and reaches its own server, the up hosts and the pictures. */
function securityHeaders(
  { hosts, domain, managementOrigin }: UploadSettings,
  framedBy: readonly string[],
): RequestHandler {
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
        frameAncestors: ["'self'", ...framedBy],
        upgradeInsecureRequests: isLocal ? null : [],
      },
    },
    // It knows one other site at most, and `frame-ancestors` says the same.
    xFrameOptions: framedBy.length === 0,
    // On plain HTTP it is all that shows the server which site a `GET` comes from.
    referrerPolicy: { policy: 'same-origin' },
    // Without TLS in front of it, a promise of TLS would lock people out, and browsers complain of the others.
    strictTransportSecurity: !isLocal,
    crossOriginOpenerPolicy: !isLocal,
    originAgentCluster: !isLocal,
  });
}

/** One line of JSON for each request: no header, no query, no body, so no token and no secret. */
function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    autoLogging: { ignore: (req: IncomingMessage) => req.url === '/healthz' },
    // A client that goes away is an error to pino, but none of this server's.
    customLogLevel: (_req: IncomingMessage, res: ServerResponse) => (res.statusCode >= 500 ? 'error' : 'info'),
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
