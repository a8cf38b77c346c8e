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
  /** Where the page is. Default: `public` beside this file. */
  readonly pageFolder?: string;
  /** Where the built element is. Default: `dist` of the repository, else of the installed package. */
  readonly elementFolder?: string | undefined;
  /** Options of the local Kodo. */
  readonly kodo?: KodoOptions;
  /** Where the log goes. Default: standard output. */
  readonly logTo?: DestinationStream;
}

/** A running demo. */
export interface Demo {
  /** Address of page and API, e.g. `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** The local Kodo; absent with a real bucket. */
  readonly kodo: Kodo | undefined;
  readonly store: Store;
  readonly bucket: Bucket;
  readonly settings: UploadSettings;
  /** Whether the built element was found. */
  readonly hasElement: boolean;
  /**
   * Finishes running requests, then closes the database and the local Kodo.
   *
   * @throws {Error} names what did not close in time
   */
  close(): Promise<void>;
}

/** Milliseconds that running requests have to finish when the server stops. */
const GRACE = 5000;

/**
 * Milliseconds that a request may take to arrive, and between two looks for late ones. All bodies are small, and a
 * connection whose request does not come would otherwise be held for five minutes.
 */
const PATIENCE = { headersTimeout: 15_000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 } as const;

const BUCKET = 'demo';

/**
 * Starts the demo server and, without a real bucket, the local Kodo.
 *
 * By default on free ports, and with data that is removed when it is closed: what tests want.
 *
 * @throws {ConfigError} when a port is in use, or data folder or database cannot be opened
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
    closing.add('work after answers', () => afterAnswer.close());
    // The callback's address holds the port, which is known once the server listens.
    const server = createServer(PATIENCE);
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
    await closing.close().catch((failure: unknown) => logger.error({ err: failure }, 'closing after a failed start'));
    throw error;
  }
}

/** An option under its name where it is given: an absent one has a default of its own. */
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
      callbackHosts: [urlHost(host)], // this server may listen on an address that is not loopback
      ...options.kodo,
    });
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'listen' || syscall === 'getaddrinfo') throw listenError(error, 'KODO_PORT', options.kodoPort ?? 0);
    throw new ConfigError(
      `DATA_FOLDER: the local Kodo cannot use ${options.kodo?.folder ?? folder}: ${reasonOf(error)}. ` +
        'Repair the folder, or delete it to begin with an empty one.',
      { cause: error },
    );
  }
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

async function openStore(databaseUrl: string | undefined, dataFolder: string, logger: Logger): Promise<Store> {
  const onTrouble = (error: Error): void => logger.warn({ err: error }, 'a connection to the database broke');
  const file = join(dataFolder, 'uploads.db');
  try {
    return await Store.open(databaseUrl === undefined ? { file } : { url: databaseUrl }, onTrouble);
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

/** Says what to do about a port or an address that cannot be listened on. */
function listenError(error: unknown, variable: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new ConfigError(`Port ${port} is in use: stop what runs there, or set ${variable} to another port.`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ConfigError('HOST is not an address of this machine: use 127.0.0.1, or one that it has.');
  }
  if (code === 'EACCES') return new ConfigError(`Port ${port} needs privileges: set ${variable} to one above 1023.`);
  return error;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const giveUp = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(giveUp);
}
