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
  /** Folder of the built element, served at `/qiniu-uploader/`. Absent if it is not built. */
  readonly elementFolder: string | undefined;
  /**
   * Number of proxies in front of this server whose client address, host and protocol headers are trusted. Default: 0.
   */
  readonly trustedProxies?: number;
  /** Maximum number of token requests per user and minute; five times as many per IP address. Default: 600. */
  readonly tokensPerMinute?: number;
  /** Secrets of visitors' cookies: the first one signs, all of them are accepted. */
  readonly sessionSecrets: readonly string[];
  /** Features that only the demo page needs. */
  readonly showcase?: Showcase;
  /** Origins of other sites that may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Origins of other sites that may embed this server's pages in a frame. Default: none. */
  readonly framedBy?: readonly string[];
}

/**
 * Origins that browsers connect to with a real bucket: the region query, and every upload host, because Kodo names the
 * correct host if the region is wrong.
 */
const QINIU_ORIGINS = ['https://api.qiniu.com', 'https://*.qiniup.com'];

/** Creates the Express app: token, callback, confirm and list routes, and the demo page. */
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

  // Called by Qiniu and authenticated by its signature, so session and same-site checks do not apply.
  app.use('/api/uploads/callback', callbackRoute(services));

  // The demo creates an account for every visitor. In your app, `authenticate` returns the user of your own session.
  const authenticate = visitorOf;
  const ownOrigins = publicOrigin === undefined ? [] : [publicOrigin];
  app.use('/api', sameSiteOnly({ allowedOrigins, ownOrigins, isBehindProxy: trustedProxies > 0 }));
  // Also for the page itself, so that the cookie exists before several uploads start in parallel.
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

/** Sets a strict policy: own scripts only, and connections only to this server, the upload hosts and the images. */
function securityHeaders(
  { hosts, domain, managementOrigin }: UploadSettings,
  framedBy: readonly string[],
): RequestHandler {
  const upHosts = managementOrigin === undefined ? QINIU_ORIGINS : hosts;
  const imageOrigin = new URL(domain).origin;
  const isLocal = [...upHosts, imageOrigin].some((origin) => origin.startsWith('http:'));
  return helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'", ...upHosts],
        imgSrc: ["'self'", imageOrigin],
        frameAncestors: ["'self'", ...framedBy],
        upgradeInsecureRequests: isLocal ? null : [],
      },
    },
    // X-Frame-Options cannot list origins; `frame-ancestors` covers them.
    xFrameOptions: framedBy.length === 0,
    // On plain HTTP, the referrer is the only header that shows which site a `GET` request comes from.
    referrerPolicy: { policy: 'same-origin' },
    // Without TLS, HSTS would lock visitors out, and browsers log warnings about the other two headers.
    strictTransportSecurity: !isLocal,
    crossOriginOpenerPolicy: !isLocal,
    originAgentCluster: !isLocal,
  });
}

/** Logs one line of JSON per request, without headers, query and body, so that no token or secret is logged. */
function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    autoLogging: { ignore: (req: IncomingMessage) => req.url === '/healthz' },
    // By default, pino-http logs a client that disconnects as an error.
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
