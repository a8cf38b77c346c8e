import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultEffect } from './faults.js';

/**
 * Sets the headers of every answer, errors included: without CORS on them a browser sees a network error.
 * They are as recorded from up hosts; those of a preflight are a careful guess.
 */
export function setCommonHeaders(req: IncomingMessage, res: ServerResponse, reqid: string, effect: FaultEffect): void {
  res.setHeader('cache-control', 'no-store, no-cache, must-revalidate');
  res.setHeader('pragma', 'no-cache');
  res.setHeader('vary', 'Origin');
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('x-svr', 'UP');
  res.setHeader('x-log', 'X-Log');
  if (effect.withoutReqid !== true) res.setHeader('x-reqid', reqid);
  if (req.headers.origin === undefined || effect.withoutCors === true) return;
  res.setHeader('access-control-allow-origin', '*');
  res.setHeader('access-control-expose-headers', 'X-Log, X-Reqid');
  if (req.method !== 'OPTIONS') return;
  res.setHeader('access-control-allow-methods', 'OPTIONS, HEAD, GET, POST, PUT, DELETE');
  res.setHeader(
    'access-control-allow-headers',
    req.headers['access-control-request-headers'] ?? 'Authorization, Content-Type, Content-MD5',
  );
  res.setHeader('access-control-max-age', '2592000');
}
