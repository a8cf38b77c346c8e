import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type DestinationStream, type Logger } from 'pino';
import { createApp, type AppOptions } from './app.js';
import { bucketOf, type Bucket } from './bucket.js';
import { AfterAnswer } from './follow-up.js';
import { ConfigError, upHostsOf, type Environment } from './config.js';
import { startKodo, type Kodo, type KodoOptions } from './kodo/start-kodo.js';
import { createShowcase } from './showcase/showcase.js';
import { Store } from './store.js';
import { startSweeper } from './sweeper.js';
import type { UploadSettings } from './upload-settings.js';

export interface DemoOptions extends Partial<Environment> {
  /** Where the page is. Default: `public` beside this file. */
  readonly pageFolder?: string;
  /** Where the built element is. Default: `dist` of the repository. */
  readonly elementFolder?: string;
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
  /** Finishes running requests, then closes the database and the local Kodo. */
  close(): Promise<void>;
}

/** Milliseconds that running requests have to finish when the server stops. */
const GRACE = 5000;

const BUCKET = 'demo';

/**
 * Starts the demo server and, without a real bucket, the local Kodo.
 *
 * By default on free ports and with data that goes when it is closed: what tests want.
 *
 * @throws {ConfigError} when a port is in use or the database cannot be opened
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { host = '127.0.0.1', port = 0, logLevel = 'silent' } = options;
  const logger = options.logTo === undefined ? pino({ level: logLevel }) : pino({ level: logLevel }, options.logTo);
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closeNext of opened.splice(0).reverse()) await closeNext();
  };
  try {
    const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'qiniu-uploader-')));
    if (options.dataFolder === undefined) {
      opened.push(() => rm(dataFolder, { recursive: true, force: true }));
    }
    const kodo = options.qiniu === undefined ? await openKodo(options, host, dataFolder, logger) : undefined;
    if (kodo !== undefined) opened.push(() => kodo.close());
    const store = await openStore(options.databaseUrl, dataFolder);
    opened.push(() => store.close());
    const afterAnswer = new AfterAnswer(logger);
    opened.push(() => afterAnswer.close());
    // The callback's address holds the port, which is known once the server listens.
    const server = createServer();
    const actualPort = await listen(server, port, host, 'PORT');
    opened.push(() => stop(server));
    const origin = `http://${host}:${actualPort}`;
    const settings = uploadSettings(options, kodo, origin);
    const bucket = bucketOf(settings);
    opened.push(startSweeper({ store, bucket, logger }));
    const { sessionSecrets = [], allowedOrigins } = options;
    const showcase = createShowcase(kodo?.faults);
    opened.push(() => Promise.resolve(showcase.close()));
    const appOptions: AppOptions = {
      settings,
      store,
      bucket,
      afterAnswer,
      showcase,
      sessionSecrets: sessionSecrets.length > 0 ? sessionSecrets : [await ownSecret(dataFolder)],
      ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
      logger,
      pageFolder: options.pageFolder ?? fileURLToPath(new URL('public', import.meta.url)),
      elementFolder: options.elementFolder ?? fileURLToPath(new URL('../dist', import.meta.url)),
      ...(options.trustedProxies === undefined ? {} : { trustedProxies: options.trustedProxies }),
      ...(options.tokensPerMinute === undefined ? {} : { tokensPerMinute: options.tokensPerMinute }),
    };
    const app = createApp(appOptions);
    server.on('request', (req, res) => void app(req, res));
    return { origin, kodo, store, bucket, settings, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function uploadSettings(options: DemoOptions, kodo: Kodo | undefined, origin: string): UploadSettings {
  const { qiniu, publicUrl, maxFileSize = 10 * 1024 ** 3, allowedTypes, tokenLifetime = 3600 } = options;
  const limits = { maxFileSize, allowedTypes, tokenLifetime, userQuota: options.userQuota ?? 100 * 1024 ** 3 };
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

/** What signs cookies where nobody gave a secret: made once, and kept beside the data. */
async function ownSecret(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'session-secret');
  await mkdir(dataFolder, { recursive: true });
  try {
    await writeFile(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(file, 'utf8');
}

async function openKodo(options: DemoOptions, host: string, dataFolder: string, logger: Logger): Promise<Kodo> {
  try {
    return await startKodo({
      host,
      port: options.kodoPort ?? 0,
      buckets: [{ name: BUCKET }],
      folder: join(dataFolder, 'kodo'),
      callbackHosts: [host], // this server may listen on an address that is not loopback
      onWarning: (text) => logger.warn({ from: 'kodo' }, text),
      ...options.kodo,
    });
  } catch (error) {
    throw inUse(error, 'KODO_PORT', options.kodoPort ?? 0);
  }
}

async function openStore(databaseUrl: string | undefined, dataFolder: string): Promise<Store> {
  try {
    return await Store.open(
      databaseUrl === undefined ? { file: join(dataFolder, 'uploads.db') } : { url: databaseUrl },
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    const variable = databaseUrl === undefined ? 'DATA_FOLDER' : 'DATABASE_URL';
    throw new ConfigError(`${variable}: the database cannot be opened (${reason}).`, { cause: error });
  }
}

async function listen(server: Server, port: number, host: string, variable: string): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw inUse(error, variable, port);
  }
  return (server.address() as AddressInfo).port;
}

/** Says what to do about a port or an address that cannot be listened on. */
function inUse(error: unknown, variable: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return new ConfigError(`Port ${port} is in use: stop what runs there, or set ${variable} to another port.`);
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new ConfigError('HOST is no address of this machine: use 127.0.0.1, or one that it has.');
  }
  if (code === 'EACCES') return new ConfigError(`Port ${port} needs rights: set ${variable} to one above 1023.`);
  return error;
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const giveUp = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(giveUp);
}
