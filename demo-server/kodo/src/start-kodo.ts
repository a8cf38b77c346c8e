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
  /** Default: random, saved in the `folder`, so that no web page can guess it. */
  readonly accessKey?: string;
  /** Default: random, saved in the `folder`. */
  readonly secretKey?: string;
  /**
   * Regions with a port each, starting at `port`; a bucket is then available in its own region only.
   * Default: a single port that serves every bucket.
   */
  readonly regions?: readonly string[];
  /** Default: one bucket, `demo`. */
  readonly buckets?: readonly KodoBucket[];
  /** Folder for objects and unfinished uploads, which survive a restart. Default: a temporary one, removed on close. */
  readonly folder?: string;
  /** Signature scheme of callbacks. Default `QBox`. */
  readonly callbackScheme?: CallbackScheme;
  /**
   * Hosts to which callbacks, notifications and fetches are allowed, besides this machine: names, `*.example.com`, or
   * `*` for all. Default: none.
   */
  readonly callbackHosts?: readonly string[];
  /** Callback timeout in milliseconds. Default 10,000. */
  readonly callbackTimeout?: number;
  /** Maximum number of attempts for each callback URL. Default 1. */
  readonly callbackTries?: number;
  /** Milliseconds until a persistent job runs. Default 1000. */
  readonly jobTime?: number;
  /** Milliseconds from a restore request until an archived object is readable. Default 60,000. */
  readonly restoreTime?: number;
  /** Clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Faults to inject from the start. */
  readonly faults?: readonly Fault[];
  /** Called when a request arrives. */
  readonly onRequest?: (entry: KodoRequest) => void;
  /** Called with warnings, e.g. about a `returnBody` that is not JSON or an internal error. */
  readonly onWarning?: (text: string) => void;
  /**
   * Whether to serve the control API `/_kodo/…` (log, objects, faults and jobs, for tests) to programs on this machine,
   * but not to web pages. Default false.
   */
  readonly control?: boolean;
}

/** A running local Kodo. */
export interface Kodo {
  /** Origin of both the upload host and the download host, e.g. `http://127.0.0.1:9000`. */
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** The latest 50,000 requests, in order of arrival. */
  readonly requests: readonly KodoRequest[];
  readonly faults: Faults;
  /** Origin that serves a region; without `regions`, the same as `origin`. */
  upHost(region: string): string;
  /** Origin of the acceleration host; absent if no bucket is accelerated. */
  readonly accelerationHost: string | undefined;
  /** Origin and path prefix of a bucket's objects. */
  domain(bucket: string): string;
  objects(bucket: string): readonly KodoObject[];
  object(bucket: string, key: string): KodoObject | undefined;
  read(object: KodoObject): Readable;
  delete(bucket: string, key: string): Promise<boolean>;
  /**
   * Closes open connections, ends running work and, without a `folder`, removes the objects.
   *
   * @throws {Error} if work is still running after five seconds; the message lists it. All else is closed by then.
   */
  close(): Promise<void>;
}

/** Starts a local implementation of Qiniu Kodo. */
export async function startKodo(options: KodoOptions = {}): Promise<Kodo> {
  const { port = 0, host = '127.0.0.1', regions = [] } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'kodo-')));
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // each pending callback adds a listener
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
      services.onWarning(`a request could not be handled: ${String(error)}`);
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

/** libcurl sends both a length and chunks, which Node accepts only with a lenient parser. */
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

/** Opens the data of an earlier run and removes incomplete files. */
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
