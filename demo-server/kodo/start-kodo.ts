import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BlobStore } from './store/blob-store.js';
import type { CallbackScheme } from './callback/callback.js';
import { DOWNLOAD_PREFIX } from './download/download.js';
import type { Services } from './exchange.js';
import { Faults, type Fault } from './faults.js';
import { ObjectStore, type KodoBucket, type KodoObject } from './store/object-store.js';
import { PendingBlocks } from './upload/pending-blocks.js';
import { PendingUploads } from './upload/pending-uploads.js';
import { PersistentJobs } from './upload/persistent-jobs.js';
import { Regions } from './region.js';
import { RequestLog, type KodoRequest } from './request-log.js';
import { serve, type ServeSettings } from './serve.js';
import type { Keys } from './policy/upload-token.js';

export interface KodoOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default `local-access-key`. */
  readonly accessKey?: string;
  /** Default `local-secret-key`: known to everybody, so of no use anywhere else. */
  readonly secretKey?: string;
  /**
   * Regions that have a port of their own, the first of them `port`; a bucket is then reached in its own region only.
   * Default: one port, which serves every bucket.
   */
  readonly regions?: readonly string[];
  /** Default: one, `demo`. */
  readonly buckets?: readonly KodoBucket[];
  /** Where objects and begun uploads live and survive a restart; default: a temporary folder, removed on close. */
  readonly folder?: string;
  /** How callbacks are signed. Default `QBox`. */
  readonly callbackScheme?: CallbackScheme;
  /** Milliseconds until a silent callback is given up. Default 10,000. */
  readonly callbackTimeout?: number;
  /** How often each callback URL is called until one answers. Default 1. */
  readonly callbackTries?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
  /** Faults on order from the start. */
  readonly faults?: readonly Fault[];
  /** Called when a request arrives. */
  readonly onRequest?: (entry: KodoRequest) => void;
  /** Told what a careful reader should know: a `returnBody` that is no JSON, a fault of Kodo's own. */
  readonly onWarning?: (text: string) => void;
  /** Whether `/_kodo/…` is answered, on loopback alone: log, objects and faults for tests. Default off. */
  readonly control?: boolean;
}

/** A running local Kodo. */
export interface Kodo {
  /** Up host and download host in one, e.g. `http://127.0.0.1:9000`. */
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** The requests in order of arrival, the latest 50,000 of them. */
  readonly requests: readonly KodoRequest[];
  readonly faults: Faults;
  /** The origin that serves a region; without `regions` it is `origin`. */
  upHost(region: string): string;
  /** Origin and path under which a bucket's objects are served. */
  domain(bucket: string): string;
  objects(bucket: string): readonly KodoObject[];
  object(bucket: string, key: string): KodoObject | undefined;
  read(object: KodoObject): Readable;
  delete(bucket: string, key: string): Promise<boolean>;
  /** Ends open connections, stalled ones as well, and, without a `folder`, removes the objects. */
  close(): Promise<void>;
}

/** Starts a local double of Qiniu Kodo's upload service. */
export async function startKodo(options: KodoOptions = {}): Promise<Kodo> {
  const { port = 0, host = '127.0.0.1', now = Date.now, regions = [] } = options;
  const keys: Keys = {
    accessKey: options.accessKey ?? 'local-access-key',
    secretKey: options.secretKey ?? 'local-secret-key',
  };
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'kodo-')));
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // every callback under way listens
  const settings: ServeSettings = {
    services: {
      ...(await openFolder(folder, options.buckets ?? [{ name: 'demo' }], now)),
      keys,
      now,
      faults: new Faults(),
      log: new RequestLog(),
      regions: new Regions(),
      jobs: new PersistentJobs(),
      onWarning: options.onWarning ?? ((): void => undefined),
      callback: {
        keys,
        scheme: options.callbackScheme ?? 'QBox',
        timeout: options.callbackTimeout ?? 10_000,
        tries: options.callbackTries ?? 1,
        closing: closing.signal,
      },
    },
    control: options.control ?? false,
    onRequest: options.onRequest ?? ((): void => undefined),
    closing: closing.signal,
  };
  const { services } = settings;
  services.faults.add(...(options.faults ?? []));
  const running = new Set<Promise<void>>();
  const listener: RequestListener = (req, res) => {
    const served = serve(req, res, settings)
      .catch((error: unknown) => {
        services.onWarning(`a request could not be answered: ${String(error)}`);
        res.destroy();
      })
      .finally(() => running.delete(served));
    running.add(served);
  };
  const servers: Server[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => stop(server)));
    closing.abort();
    await Promise.allSettled(running);
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const [index, region] of (regions.length === 0 ? [undefined] : regions).entries()) {
      const server = createServer({ requestTimeout: 0, keepAliveTimeout: 75_000, maxHeaderSize: 65_536 }, listener);
      servers.push(server);
      const bound = await listen(server, port === 0 ? 0 : port + index, host);
      if (region !== undefined) services.regions.set(region, bound);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const originOf = (bound: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  const origin = originOf(portOf(servers[0]));
  const { store } = services;
  return {
    origin,
    ...keys,
    requests: services.log.entries,
    faults: services.faults,
    upHost(region) {
      const bound = services.regions.portOf(region);
      return bound === undefined ? origin : originOf(bound);
    },
    domain: (bucket) => `${origin}${DOWNLOAD_PREFIX}${bucket}`,
    objects: (bucket) => store.list(bucket),
    object: (bucket, key) => store.get(bucket, key),
    read: (object) => store.read(object),
    delete: (bucket, key) => store.delete(bucket, key),
    close,
  };
}

/** Opens what an earlier run left, and removes what it left half done. */
async function openFolder(
  folder: string,
  buckets: readonly KodoBucket[],
  now: () => number,
): Promise<Pick<Services, 'store' | 'uploads' | 'blocks'>> {
  const blobs = await BlobStore.open(join(folder, 'blobs'));
  const store = await ObjectStore.open(folder, blobs, buckets, now);
  const used = new Set(store.files());
  const uploads = await PendingUploads.open(folder, blobs, now, used);
  const blocks = await PendingBlocks.open(folder, blobs, now, used);
  await blobs.keepOnly(new Set([...used, ...uploads.files(), ...blocks.files()]));
  return { store, uploads, blocks };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return portOf(server);
}

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
