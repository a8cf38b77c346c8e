import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultEffect } from '../faults.js';

export interface CommonHeaders {
  readonly reqid: string;
  readonly effect: FaultEffect;
  /** Whether pages from other origins may read the response. */
  readonly cors: boolean;
}

/**
 * Sets the headers of every response, including errors: without CORS headers a browser reports a network error.
 * The values are recorded from upload hosts; those of a preflight are an informed guess.
 *
 * @param route settings of this request's route
 */
export function setCommonHeaders(req: IncomingMessage, res: ServerResponse, route: CommonHeaders): void {
  const { reqid, effect, cors } = route;
  res.setHeader('Cache-Control', 'no-store, no-cache, must-revalidate');
  res.setHeader('Pragma', 'no-cache');
  res.setHeader('Vary', 'Origin');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('X-Svr', 'UP');
  res.setHeader('X-Log', 'X-Log');
  if (effect.withoutReqid !== true) res.setHeader('X-Reqid', reqid);
  if (req.headers.origin === undefined || !cors || effect.withoutCors === true) return;
  res.setHeader('Access-Control-Allow-Origin', '*');
  res.setHeader('Access-Control-Expose-Headers', 'X-Log, X-Reqid');
  if (req.method !== 'OPTIONS') return;
  res.setHeader('Access-Control-Allow-Methods', 'OPTIONS, HEAD, GET, POST, PUT, DELETE');
  res.setHeader(
    'Access-Control-Allow-Headers',
    req.headers['access-control-request-headers'] ?? 'Authorization, Content-Type, Content-MD5',
  );
  res.setHeader('Access-Control-Max-Age', '2592000');
}
