import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import type { CallbackScheme } from './callback.js';
import { control, CONTROL_PREFIX } from './control.js';
import { download, DOWNLOAD_PREFIX } from './download.js';
import type { Answer, Exchange } from './exchange.js';
import { Faults, meterBody, type FaultEffect } from './faults.js';
import type { FinishSettings } from './finish-upload.js';
import { uploadForm } from './form-upload.js';
import { KodoError } from './kodo-error.js';
import { MultipartUploads } from './multipart-upload.js';
import { parseMultipartPath } from './object-path.js';
import { ObjectStore, type KodoBucket, type KodoObject } from './object-store.js';
import { queryRegion } from './region.js';
import { newReqid, type KodoRequest } from './request-log.js';
import type { Keys } from './upload-token.js';
import { goJson } from './variables.js';

export interface KodoOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default `local-access-key`. */
  readonly accessKey?: string;
  /** Default `local-secret-key`: known to everybody, so of no use anywhere else. */
  readonly secretKey?: string;
  /** Default: one, `demo`. */
  readonly buckets?: readonly KodoBucket[];
  /** Where the objects live and survive a restart; default: a temporary folder, removed on close. */
  readonly folder?: string;
  /** How callbacks are signed. Default `QBox`. */
  readonly callbackScheme?: CallbackScheme;
  /** Milliseconds until a silent callback is given up. Default 10,000. */
  readonly callbackTimeout?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
  /** Called when a request arrives. */
  readonly onRequest?: (entry: KodoRequest) => void;
  /** Told what a careful reader should know: a `returnBody` that is no JSON, a fault of Kodo's own. */
  readonly onWarning?: (text: string) => void;
  /** Whether `/_kodo/…` is answered: log, objects and faults for tests. Default off. */
  readonly control?: boolean;
}

/** A running local Kodo. */
export interface Kodo {
  /** Up host and download host in one, e.g. `http://127.0.0.1:9000`. */
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Every request since the start, in order of arrival. */
  readonly requests: readonly KodoRequest[];
  readonly faults: Faults;
  /** Origin and path under which a bucket's objects are served. */
  domain(bucket: string): string;
  objects(bucket: string): readonly KodoObject[];
  object(bucket: string, key: string): KodoObject | undefined;
  read(object: KodoObject): Readable;
  delete(bucket: string, key: string): Promise<boolean>;
  /** Ends open connections and, without a `folder`, removes the objects. */
  close(): Promise<void>;
}

/** Starts a local double of Qiniu Kodo's upload service. */
export async function startKodo(options: KodoOptions = {}): Promise<Kodo> {
  const { port = 0, host = '127.0.0.1', buckets = [{ name: 'demo' }], now = Date.now } = options;
  const keys: Keys = {
    accessKey: options.accessKey ?? 'local-access-key',
    secretKey: options.secretKey ?? 'local-secret-key',
  };
  const onWarning = options.onWarning ?? ((): void => undefined);
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'kodo-')));
  const store = await ObjectStore.open(folder, buckets);
  const faults = new Faults();
  const requests: KodoRequest[] = [];
  const multipart = new MultipartUploads();
  const settings: FinishSettings = {
    store,
    now,
    onWarning,
    callback: { keys, scheme: options.callbackScheme ?? 'QBox', timeout: options.callbackTimeout ?? 10_000 },
  };

  const route = async (exchange: Exchange): Promise<Answer | undefined> => {
    const { url, req } = exchange;
    if (url.pathname === '/') {
      if (req.method !== 'POST') throw new KodoError(405, 'method not allowed');
      return uploadForm(exchange);
    }
    if (url.pathname.startsWith(DOWNLOAD_PREFIX)) {
      await download(exchange);
      return undefined;
    }
    if (url.pathname === '/v2/query' || url.pathname === '/v4/query') return queryRegion(exchange);
    if (options.control && url.pathname.startsWith(CONTROL_PREFIX)) return control(exchange, faults, requests);
    const path = parseMultipartPath(url.pathname);
    if (path !== undefined) return multipart.handle(exchange, path);
    throw new KodoError(404, 'Document not found');
  };

  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(`http://${req.headers.host ?? host}${req.url ?? '/'}`);
    const entry: KodoRequest = {
      id: requests.length + 1,
      at: Date.now(),
      method: req.method ?? '',
      path: url.pathname,
      reqid: newReqid(),
      kind: kindOf(req, url),
      bytes: 0,
      aborted: false,
    };
    describe(entry, url);
    if (!(options.control && url.pathname.startsWith(CONTROL_PREFIX))) {
      requests.push(entry);
      options.onRequest?.(entry);
    }
    const effect = faults.meet(entry);
    res.on('close', () => {
      entry.endedAt = Date.now();
      entry.aborted = !res.writableFinished;
    });
    setCommonHeaders(req, res, entry, effect);
    if (req.method === 'OPTIONS') {
      entry.status = 200;
      req.resume();
      res.writeHead(200).end();
      return;
    }
    const drop = (): void => void req.socket.destroy();
    const body = meterBody(entry, effect, drop);
    pipeline(req, body, () => undefined); // whoever reads the body hears of a broken one
    const exchange: Exchange = {
      req,
      res,
      body,
      url,
      entry,
      keys,
      origin: `http://${req.headers.host ?? host}`,
      settings,
    };
    if (effect.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, effect.delay));
    const answer = await run(exchange, effect);
    if (answer === undefined || res.destroyed) return;
    await drained(body);
    entry.status = answer.status;
    const text = typeof answer.body === 'string' ? answer.body : goJson(answer.body);
    res.writeHead(answer.status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...answer.headers,
      ...effect.headers,
    });
    res.end(text);
  };

  const run = async (exchange: Exchange, effect: FaultEffect): Promise<Answer | undefined> => {
    if (effect.stall) {
      exchange.body.resume();
      return undefined;
    }
    if (effect.status !== undefined) return { status: effect.status, body: effect.body ?? { error: 'fault on order' } };
    try {
      const answer = await route(exchange);
      if (effect.loseReply) {
        exchange.req.socket.destroy();
        return undefined;
      }
      if (answer === undefined) return undefined;
      const isPart = exchange.entry.kind === 'part' && effect.wrongEtag === true;
      if (isPart) return { ...answer, body: { ...(answer.body as object), etag: 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ' } };
      return effect.body === undefined ? answer : { ...answer, body: effect.body };
    } catch (error) {
      if (exchange.res.destroyed || exchange.res.headersSent) return undefined; // the client went away
      if (error instanceof KodoError) return { status: error.status, body: { error: error.message } };
      if (error instanceof URIError) return { status: 400, body: { error: 'invalid argument' } };
      onWarning(
        `${exchange.entry.method} ${exchange.entry.path} failed: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
      );
      return { status: 599, body: { error: 'server operation failed' } };
    }
  };

  const server = createServer({ requestTimeout: 0 }, (req, res) => {
    serve(req, res).catch((error: unknown) => {
      onWarning(String(error));
      res.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    ...keys,
    requests,
    faults,
    domain: (bucket) => `${origin}${DOWNLOAD_PREFIX}${bucket}`,
    objects: (bucket) => store.list(bucket),
    object: (bucket, key) => store.get(bucket, key),
    read: (object) => store.read(object),
    delete: (bucket, key) => store.delete(bucket, key),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function kindOf(req: IncomingMessage, url: URL): KodoRequest['kind'] {
  if (req.method === 'OPTIONS') return 'preflight';
  if (url.pathname === '/') return 'form';
  if (!url.pathname.startsWith('/buckets/')) return 'unknown';
  const isPart = /\/uploads\/[^/]+\/[^/]+$/.test(url.pathname);
  const isBegun = /\/uploads\/[^/]+/.test(url.pathname);
  if (req.method === 'PUT' && isPart) return 'part';
  if (req.method === 'POST') return isBegun ? 'complete' : 'initiate';
  if (req.method === 'GET') return 'list';
  if (req.method === 'DELETE') return 'abort';
  return 'unknown';
}

/** Names what a path tells before the token is looked at, so that faults can match it. */
function describe(entry: KodoRequest, url: URL): void {
  try {
    const path = parseMultipartPath(url.pathname);
    if (path === undefined) return;
    const { partNumber, ...rest } = path;
    Object.assign(entry, rest, partNumber === undefined ? {} : { partNumber: Number(partNumber) });
  } catch {
    // a path that is no valid name: the handler answers it
  }
}

/** Headers of every answer, errors included: without CORS on them a browser sees a network error. */
function setCommonHeaders(req: IncomingMessage, res: ServerResponse, entry: KodoRequest, effect: FaultEffect): void {
  res.setHeader('cache-control', 'no-store, no-cache, must-revalidate');
  res.setHeader('x-svr', 'UP');
  res.setHeader('x-log', 'X-Log');
  res.setHeader('x-content-type-options', 'nosniff');
  if (!effect.withoutReqid) res.setHeader('x-reqid', entry.reqid);
  if (req.headers.origin === undefined || effect.withoutCors) return;
  res.setHeader('vary', 'Origin');
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

/** Waits until a body that nobody reads any more is in: closing earlier would hide the status from a browser. */
async function drained(body: Readable): Promise<void> {
  if (body.readableEnded || body.destroyed) return;
  await new Promise<void>((resolve) => {
    body
      .on('end', resolve)
      .on('close', resolve)
      .on('error', () => resolve());
    body.resume();
  });
}
