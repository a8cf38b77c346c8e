import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { meterBody } from './body-meter.js';
import { setCommonHeaders } from './common-headers.js';
import { canonicalHeaders } from './header-names.js';
import { splitTarget } from './target.js';
import { control, CONTROL_PREFIX, isLocal } from '../control.js';
import { downloadPath } from '../download/download-domain.js';
import type { Answer, Exchange, Handler, Services } from '../exchange.js';
import type { FaultEffect } from '../faults.js';
import { KodoError, textOfStatus } from '../kodo-error.js';
import type { KodoRequest } from '../request-log.js';
import { findRoute } from '../routes.js';
import { goJson } from '../text/variables.js';

export interface ServeSettings {
  readonly services: Services;
  /** Whether to serve the control API `/_kodo/…` to programs on this machine. */
  readonly control: boolean;
  readonly onRequest: (entry: KodoRequest) => void;
  /** Aborts pending waits when Kodo closes. */
  readonly closing: AbortSignal;
}

/** Handles one request from its first byte to the end of its response. */
export async function serve(req: IncomingMessage, res: ServerResponse, settings: ServeSettings): Promise<void> {
  const { services } = settings;
  const { log } = services;
  const { path: sentPath, search } = splitTarget(req.url ?? '/');
  const method = req.method ?? '';
  const isControl = settings.control && sentPath.startsWith(CONTROL_PREFIX) && isLocal(req);
  const path = downloadPath(req, sentPath, services.buckets) ?? sentPath;
  const route = findRoute(method, path);
  const entry = log.create({ method, path, kind: route.kind, ...route.facts });
  let effect: FaultEffect = {};
  if (!isControl) {
    log.add(entry);
    settings.onRequest(entry);
    effect = services.faults.meet(entry);
  }
  res.on('close', () => {
    entry.endedAt = Date.now();
    entry.aborted = !res.writableFinished;
    if (res.headersSent) entry.status ??= res.statusCode;
  });
  setCommonHeaders(req, res, { reqid: entry.reqid, effect, cors: route.cors && !isControl });
  const drop = (): void => void req.socket.destroy();
  if (effect.dropAtByte === 0) {
    drop();
    return;
  }
  const body = meterBody(entry, effect, drop);
  pipeline(req, body, () => undefined); // the body's reader receives the error
  body.on('error', () => undefined); // the body may have no reader
  res.on('close', () => void body.destroy(new Error('the connection broke'))); // a throttled body may hold all its bytes when the connection breaks
  const host = hostOf(req);
  const query = new URLSearchParams(search);
  const exchange: Exchange = {
    ...{ req, res, body, path, sentPath, search, query, entry, effect, origin: `http://${host}`, services },
  };
  const answer = await answerOf(exchange, isControl ? control : route.handle, settings.closing);
  if (answer === undefined) return;
  await drained(body);
  if (!res.destroyed) send(exchange, answer);
}

async function answerOf(exchange: Exchange, handle: Handler, closing: AbortSignal): Promise<Answer | undefined> {
  const { effect, body, entry, res, services } = exchange;
  try {
    if (effect.delay !== undefined) await wait(effect.delay, undefined, { signal: closing });
    if (effect.stall === true) {
      body.resume();
      return undefined;
    }
    if (effect.status !== undefined) {
      return { status: effect.status, body: effect.body ?? { error: textOfStatus(effect.status) } };
    }
    if (effect.forgetUpload === true && entry.uploadId !== undefined) await services.uploads.forget(entry.uploadId);
    const answer = await handle(exchange);
    if (effect.loseReply === true) {
      exchange.req.socket.destroy();
      return undefined;
    }
    return answer === undefined || effect.body === undefined ? answer : { ...answer, body: effect.body };
  } catch (error) {
    if (res.destroyed || res.headersSent || closing.aborted) return undefined; // the client has disconnected
    if (error instanceof KodoError) return { status: error.status, body: { error: error.message } };
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    services.onWarning(`${entry.method} ${entry.path} failed: ${reason}`);
    return { status: 599, body: { error: 'server operation failed' } };
  }
}

function send({ res, entry, effect }: Exchange, answer: Answer): void {
  entry.status = answer.status;
  const data = encode(answer.body);
  if (!res.hasHeader('content-type')) res.setHeader('Content-Type', 'application/json');
  const headers = { 'Content-Length': data.length, ...answer.headers, ...effect.headers };
  res.writeHead(answer.status, canonicalHeaders(headers));
  res.end(data);
}

function encode(body: Answer['body']): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : goJson(body));
}

/** Host and port as named by the client; if invalid, the local address that it connected to. */
function hostOf(req: IncomingMessage): string {
  const { host = '' } = req.headers;
  if (URL.canParse(`http://${host}`) && /^[\w.\-:[\]]+$/.test(host)) return host;
  const { localAddress = '127.0.0.1', localPort = 80 } = req.socket;
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** Waits for the rest of an unread body: closing earlier would hide the status from a browser. */
async function drained(body: Readable): Promise<void> {
  if (body.readableEnded || body.destroyed) return;
  await new Promise<void>((resolve) => {
    body.on('end', resolve).on('close', resolve);
    body.resume();
  });
}
