import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CallbackScheme } from './callback/callback.js';
import { DOWNLOAD_PREFIX } from './download/download-domain.js';
import type { Services } from './exchange.js';
import { Faults, type Fault } from './faults.js';
import { refuseMalformed } from './http/client-error.js';
import { Connections, Running } from './http/connections.js';
import { serve, type ServeSettings } from './http/serve.js';
import { notifyJob } from './jobs/notify-job.js';
import { PersistentJobs } from './jobs/persistent-jobs.js';
import { runCommand } from './jobs/run-command.js';
import { FetchTasks } from './management/fetch-tasks.js';
import { Outbound } from './outbound/outbound.js';
import { Regions } from './region/regions.js';
import { RequestLog, type KodoRequest } from './request-log.js';
import { openKeys } from './store/account-keys.js';
import { BlobStore } from './store/blob-store.js';
import { BucketStore, type KodoBucket } from './store/bucket-store.js';
import { ObjectStore, type KodoObject } from './store/object-store.js';
import { PendingBlocks } from './upload/pending-blocks.js';
import { PendingUploads } from './upload/pending-uploads.js';

export interface KodoOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default: random, and kept in the `folder`, so that no web page can guess it. */
  readonly accessKey?: string;
  /** Default: random, and kept in the `folder`. */
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
  /**
   * Hosts that callbacks, notifications and fetches may go to besides this machine: names, `*.example.com`, or `*` for
   * all. Default: none.
   */
  readonly callbackHosts?: readonly string[];
  /** Milliseconds until a silent callback is given up. Default 10,000. */
  readonly callbackTimeout?: number;
  /** How often each callback URL is called until one answers. Default 1. */
  readonly callbackTries?: number;
  /** Milliseconds until a persistent job is carried out. Default 1000. */
  readonly jobTime?: number;
  /** Milliseconds until an archived object that was ordered can be read. Default 60,000. */
  readonly restoreTime?: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
  /** Faults on order from the start. */
  readonly faults?: readonly Fault[];
  /** Called when a request arrives. */
  readonly onRequest?: (entry: KodoRequest) => void;
  /** Called with what a careful reader should know: a `returnBody` that is not JSON, a fault of Kodo's own. */
  readonly onWarning?: (text: string) => void;
  /**
   * Whether `/_kodo/…` is answered, to programs on this machine and not to web pages: log, objects, faults and jobs, for
   * tests. Default off.
   */
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
  /** The origin of the acceleration host; absent where no bucket is accelerated. */
  readonly accelerationHost: string | undefined;
  /** Origin and path under which a bucket's objects are served. */
  domain(bucket: string): string;
  objects(bucket: string): readonly KodoObject[];
  object(bucket: string, key: string): KodoObject | undefined;
  read(object: KodoObject): Readable;
  delete(bucket: string, key: string): Promise<boolean>;
  /**
   * Cuts open connections, ends what runs, and, without a `folder`, removes the objects.
   *
   * @throws {Error} where something has not ended after five seconds; the message says what. All else is closed then.
   */
  close(): Promise<void>;
}

/** Starts a local double of Qiniu Kodo. */
export async function startKodo(options: KodoOptions = {}): Promise<Kodo> {
  const { port = 0, host = '127.0.0.1', regions = [] } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'kodo-')));
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // every callback under way listens
  const services = await openServices(options, folder, closing.signal);
  const { keys, running, buckets, store } = services;
  const settings: ServeSettings = {
    services,
    control: options.control ?? false,
    onRequest: options.onRequest ?? ((): void => undefined),
    closing: closing.signal,
  };
  const listener: RequestListener = (req, res) => {
    const served = serve(req, res, settings).catch((error: unknown) => {
      services.onWarning(`a request could not be answered: ${String(error)}`);
      res.destroy();
    });
    running.add(served, `${req.method ?? ''} ${req.url?.split('?')[0] ?? ''}`);
  };
  const open: Connections[] = [];
  const closeAll = async (): Promise<void> => {
    closing.abort();
    services.jobs.close();
    await Promise.all(open.map((connections) => connections.close()));
    try {
      await running.end();
    } finally {
      services.outbound.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    }
  };
  const listenOn = async (wanted: number): Promise<number> => {
    const server = createServer(SERVER_OPTIONS, listener).on('clientError', refuseMalformed);
    open.push(new Connections(server));
    return listen(server, wanted, host);
  };
  const originOf = (bound: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  let first: number | undefined;
  let acceleration: number | undefined;
  try {
    for (const [index, region] of (regions.length === 0 ? [undefined] : regions).entries()) {
      const bound = await listenOn(port === 0 ? 0 : port + index);
      first ??= bound;
      if (region !== undefined) services.regions.set(region, bound);
    }
    if (buckets.list().some(({ accelerated }) => accelerated)) {
      acceleration = await listenOn(port === 0 ? 0 : port + Math.max(regions.length, 1));
      services.regions.setAcceleration(acceleration);
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  const origin = originOf(first ?? 0);
  let closed: Promise<void> | undefined;
  return {
    origin,
    ...keys,
    requests: services.log.entries,
    faults: services.faults,
    accelerationHost: acceleration === undefined ? undefined : originOf(acceleration),
    upHost(region) {
      const bound = services.regions.portOf(region);
      return bound === undefined ? origin : originOf(bound);
    },
    domain: (bucket) => `${origin}${DOWNLOAD_PREFIX}${bucket}`,
    objects: (bucket) => store.list(bucket),
    object: (bucket, key) => store.get(bucket, key),
    read: (object) => store.read(object),
    delete: (bucket, key) => store.delete(bucket, key),
    close: () => (closed ??= closeAll()),
  };
}

/** libcurl sends both a length and chunks, which Node takes only as lenient a parser as this. */
const SERVER_OPTIONS = {
  requestTimeout: 0,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 65_536,
  insecureHTTPParser: true,
} as const;

async function openServices(options: KodoOptions, folder: string, closing: AbortSignal): Promise<Services> {
  const { now = Date.now, onWarning = (): void => undefined } = options;
  const given = {
    ...(options.accessKey === undefined ? {} : { accessKey: options.accessKey }),
    ...(options.secretKey === undefined ? {} : { secretKey: options.secretKey }),
  };
  const keys = await openKeys(given, options.folder);
  const outbound = new Outbound(options.callbackHosts ?? []);
  const running = new Running();
  const stores = await openFolder(folder, options.buckets ?? [{ name: 'demo' }], now);
  const timeout = options.callbackTimeout ?? 10_000;
  const jobs = new PersistentJobs({
    delay: options.jobTime ?? 1000,
    now,
    run: (job, command) => runCommand(job, command, { store: stores.store, now, onWarning }),
    notify: (job) => notifyJob(job, { outbound, timeout, closing, onWarning }),
    watch: (work, what) => running.add(work, what),
  });
  const faults = new Faults();
  faults.add(...(options.faults ?? []));
  return {
    ...stores,
    keys,
    now,
    onWarning,
    outbound,
    running,
    closing,
    jobs,
    faults,
    log: new RequestLog(),
    regions: new Regions(),
    fetchTasks: new FetchTasks(),
    restoreTime: options.restoreTime ?? 60_000,
    callback: {
      keys,
      outbound,
      scheme: options.callbackScheme ?? 'QBox',
      timeout,
      tries: options.callbackTries ?? 1,
      closing,
    },
  };
}

/** Opens what an earlier run left, and removes what it left half done. */
async function openFolder(
  folder: string,
  configured: readonly KodoBucket[],
  now: () => number,
): Promise<Pick<Services, 'store' | 'buckets' | 'uploads' | 'blocks'>> {
  const blobs = await BlobStore.open(join(folder, 'blobs'));
  const store = await ObjectStore.open(folder, blobs, now);
  const used = new Set(store.files());
  const uploads = await PendingUploads.open(folder, blobs, now, used);
  const blocks = await PendingBlocks.open(folder, blobs, now, used);
  await blobs.keepOnly(new Set([...used, ...uploads.files(), ...blocks.files()]));
  return { store, uploads, blocks, buckets: await BucketStore.open(folder, configured, now) };
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
