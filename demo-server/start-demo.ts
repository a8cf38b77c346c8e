import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type DestinationStream, type Logger } from 'pino';
import { createApp } from './app.js';
import { bucketOf, type Bucket } from './qiniu/bucket.js';
import { Closing } from './setup/closing.js';
import { AfterAnswer } from './uploads/follow-up.js';
import { ConfigError, upHostsOf, type Environment } from './setup/config.js';
import { openDataFolder, ownSecret, reasonOf } from './setup/data-folder.js';
import { findElementFolder, hasElement } from './setup/element-folder.js';
import { startKodo, type Kodo, type KodoOptions } from './kodo/src/start-kodo.js';
import type { Services } from './services.js';
import { createShowcase } from './showcase/showcase.js';
import { Store } from './uploads/store.js';
import { startSweeper } from './uploads/sweeper.js';
import type { UploadSettings } from './uploads/upload-settings.js';

export interface DemoOptions extends Partial<Environment> {
  /** Folder of the demo page. Default: `public` next to this file. */
  readonly pageFolder?: string;
  /** Folder of the built element. Default: `dist` of the repository, otherwise of the installed package. */
  readonly elementFolder?: string | undefined;
  /** Options of the local Kodo. */
  readonly kodo?: KodoOptions;
  /** Destination of the log. Default: standard output. */
  readonly logTo?: DestinationStream;
}

/** A running demo. */
export interface Demo {
  /** Origin of the page and the API, e.g. `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** The local Kodo. Absent with a real bucket. */
  readonly kodo: Kodo | undefined;
  readonly store: Store;
  readonly bucket: Bucket;
  readonly settings: UploadSettings;
  /** Whether the built element was found. */
  readonly hasElement: boolean;
  /**
   * Waits for running requests, then closes the database and the local Kodo.
   *
   * @throws {Error} listing what could not be closed in time
   */
  close(): Promise<void>;
}

/** Milliseconds that running requests have to finish when the server stops. */
const SHUTDOWN_TIMEOUT = 5000;

/**
 * Milliseconds in which a request must arrive, and the interval in which this is checked. All bodies are small, and by
 * default Node.js keeps a connection with an incomplete request open for five minutes.
 */
const REQUEST_TIMEOUTS = { headersTimeout: 15_000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 } as const;

const BUCKET = 'demo';

/**
 * Starts the demo server and, without a real bucket, the local Kodo.
 *
 * By default, it uses free ports and a temporary data folder that is deleted on close, as tests need.
 *
 * @throws {ConfigError} if a port is in use, or if the data folder or the database cannot be opened
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { host = '127.0.0.1', port = 0, logLevel = 'silent' } = options;
  const logger = options.logTo === undefined ? pino({ level: logLevel }) : pino({ level: logLevel }, options.logTo);
  const closing = new Closing();
  try {
    const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'qiniu-uploader-')));
    if (options.dataFolder === undefined) {
      closing.add('the data folder', () => rm(dataFolder, { recursive: true, force: true }));
    }
    const { elementFolder = findElementFolder(), sessionSecrets = [] } = options;
    const needsSecret = sessionSecrets.length === 0;
    const needsFolder = needsSecret || options.qiniu === undefined || options.databaseUrl === undefined;
    if (needsFolder) await openDataFolder(dataFolder);
    const secrets = needsSecret ? [await ownSecret(dataFolder, 'session-secret')] : sessionSecrets;
    const store = await openStore(options.databaseUrl, dataFolder, logger);
    closing.add('the database', () => store.close());
    const kodo = options.qiniu === undefined ? await openKodo(options, host, dataFolder, logger) : undefined;
    if (kodo !== undefined) closing.add('the local Kodo', () => kodo.close());
    const afterAnswer = new AfterAnswer(logger);
    closing.add('background work', () => afterAnswer.close());
    // The callback URL contains the port, which is known only after the server listens.
    const server = createServer(REQUEST_TIMEOUTS);
    const actualPort = await listen(server, port, host, 'PORT');
    closing.add('the HTTP server', () => stop(server));
    const origin = `http://${urlHost(host)}:${actualPort}`;
    const settings = uploadSettings(options, kodo, origin);
    const bucket = bucketOf(settings);
    const services: Services = { settings, store, bucket, afterAnswer, logger };
    closing.add('the sweeper', startSweeper(services));
    const showcase = createShowcase(kodo?.faults);
    closing.add('event streams', () => showcase.close());
    const app = createApp({
      services,
      showcase,
      sessionSecrets: secrets,
      pageFolder: options.pageFolder ?? fileURLToPath(new URL('public', import.meta.url)),
      elementFolder,
      ...defined('allowedOrigins', options.allowedOrigins),
      ...defined('framedBy', options.framedBy),
      ...defined('trustedProxies', options.trustedProxies),
      ...defined('tokensPerMinute', options.tokensPerMinute),
    });
    server.on('request', (req, res) => void app(req, res));
    return {
      origin,
      kodo,
      store,
      bucket,
      settings,
      hasElement: elementFolder !== undefined && hasElement(elementFolder),
      close: () => closing.close(),
    };
  } catch (error) {
    await closing
      .close()
      .catch((failure: unknown) => logger.error({ err: failure }, 'cleanup after a failed start failed'));
    throw error;
  }
}

/** Returns `{[name]: value}`, or `{}` for an absent value, so that the default applies. */
function defined<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Readonly<Record<Name, Value>>> {
  return value === undefined ? {} : ({ [name]: value } as Readonly<Record<Name, Value>>);
}

function uploadSettings(options: DemoOptions, kodo: Kodo | undefined, origin: string): UploadSettings {
  const { qiniu, publicUrl, maxFileSize = 10 * 1024 ** 3, allowedTypes, tokenLifetime = 3600 } = options;
  const { userQuota = 100 * 1024 ** 3, maxOpenUploads = 2000 } = options;
  const limits = { maxFileSize, allowedTypes, tokenLifetime, userQuota, maxOpenUploads };
  const callbackAt = (base: string): string => `${base.replace(/\/+$/, '')}/api/uploads/callback`;
  if (kodo !== undefined) {
    const { accessKey, secretKey } = kodo;
    const domain = kodo.domain(BUCKET);
    return {
      accessKey,
      secretKey,
      previousKeys: [],
      bucket: BUCKET,
      domain,
      isPrivate: options.kodo?.buckets?.find(({ name }) => name === BUCKET)?.private ?? false,
      hosts: [kodo.origin],
      managementOrigin: kodo.origin,
      callbackUrl: callbackAt(origin),
      ...limits,
    };
  }
  if (qiniu === undefined) throw new ConfigError('Neither a real bucket nor the local Kodo is configured.');
  const { region, endpoint, isPrivate = false, previousKeys = [], ...account } = qiniu;
  return {
    ...account,
    isPrivate,
    previousKeys,
    managementOrigin: endpoint,
    hosts: endpoint !== undefined ? [endpoint] : region === undefined ? [] : upHostsOf(region),
    callbackUrl: publicUrl === undefined ? undefined : callbackAt(publicUrl),
    ...limits,
  };
}

async function openKodo(options: DemoOptions, host: string, dataFolder: string, logger: Logger): Promise<Kodo> {
  const folder = join(dataFolder, 'kodo');
  try {
    return await startKodo({
      host,
      port: options.kodoPort ?? 0,
      buckets: [{ name: BUCKET }],
      folder,
      onWarning: (text) => logger.warn({ from: 'kodo' }, text),
      callbackHosts: [urlHost(host)], // this server may listen on a non-loopback address
      ...options.kodo,
    });
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'listen' || syscall === 'getaddrinfo') throw listenError(error, 'KODO_PORT', options.kodoPort ?? 0);
    throw new ConfigError(
      `DATA_FOLDER: the local Kodo cannot use ${options.kodo?.folder ?? folder}: ${reasonOf(error)}. ` +
        'Repair the folder, or delete it to start with an empty one.',
      { cause: error },
    );
  }
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function openStore(databaseUrl: string | undefined, dataFolder: string, logger: Logger): Promise<Store> {
  const onConnectionError = (error: Error): void => logger.warn({ err: error }, 'database connection lost');
  const file = join(dataFolder, 'uploads.db');
  try {
    return await Store.open(databaseUrl === undefined ? { file } : { url: databaseUrl }, onConnectionError);
  } catch (error) {
    const reason = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    throw new ConfigError(
      databaseUrl === undefined
        ? `DATA_FOLDER: the database ${file} cannot be opened (${reason}).`
        : `DATABASE_URL: the database cannot be opened (${reason}).`,
      { cause: error },
    );
  }
}

async function listen(server: Server, port: number, host: string, variable: string): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw listenError(error, variable, port);
  }
  return (server.address() as AddressInfo).port;
}

/** Turns an error of `listen()` into a message with a remedy. */
function listenError(error: unknown, variable: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new ConfigError(
      `Port ${port} is in use: stop the program that uses it, or set ${variable} to another port.`,
    );
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ConfigError(
      'HOST is not an address of this machine: use 127.0.0.1, or another address of this machine.',
    );
  }
  if (code === 'EACCES')
    return new ConfigError(`Port ${port} requires elevated privileges: set ${variable} to a port above 1023.`);
  return error;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), SHUTDOWN_TIMEOUT);
  await closed;
  clearTimeout(timer);
}
