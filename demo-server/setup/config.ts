import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SigningKeys } from '../qiniu/callback-signature.js';

/** A bucket on Qiniu, with the keys of its account. */
export interface QiniuAccount {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** Origin that serves the bucket's objects. */
  readonly domain: string;
  /** Region id, e.g. `z0`. If absent, the browser queries Qiniu once. */
  readonly region?: string | undefined;
  /** Whether downloads need a signed URL. */
  readonly isPrivate?: boolean;
  /** Previous keys, whose callbacks are still accepted. */
  readonly previousKeys?: readonly SigningKeys[];
  /** Origin of a Kodo that Qiniu does not operate: a private cloud, or a local Kodo in another process. */
  readonly endpoint?: string | undefined;
}

/** The validated configuration from environment variables. */
export interface Environment {
  readonly host: string;
  readonly port: number;
  /** Port of the local Kodo. Not used with a real bucket. */
  readonly kodoPort: number;
  readonly dataFolder: string;
  /** PostgreSQL URL. If absent, SQLite in `dataFolder` is used. */
  readonly databaseUrl: string | undefined;
  /** Base URL at which Qiniu can reach this server. */
  readonly publicUrl: string | undefined;
  /** Maximum size of a file, in bytes. */
  readonly maxFileSize: number;
  /**
   * Kodo's `mimeLimit`: types and wildcards, separated by `;`. `*` allows every type. Default: all types except those
   * that browsers execute.
   */
  readonly allowedTypes: string | undefined;
  /** Seconds for which a token is valid. */
  readonly tokenLifetime: number;
  /** Number of trusted proxies in front of this server. */
  readonly trustedProxies: number;
  readonly logLevel: string;
  /** Maximum number of token requests per user and minute; the same limit applies to confirmations and to deletions. */
  readonly tokensPerMinute: number;
  /** Maximum number of bytes per user. */
  readonly userQuota: number;
  /** Maximum number of unfinished uploads per user. */
  readonly maxOpenUploads: number;
  /** Origins of other sites that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** Origins of other sites that may embed this server's pages in a frame. */
  readonly framedBy: readonly string[];
  /** Folder of the built element. If absent, it is searched for. */
  readonly elementFolder: string | undefined;
  /** Secrets that sign visitors' cookies. If empty, one is generated in `dataFolder`. */
  readonly sessionSecrets: readonly string[];
  readonly qiniu: QiniuAccount | undefined;
}

/** An environment variable is missing, malformed or conflicts with another one. The message names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Minimum length of a secret, in characters. */
export const MIN_SECRET = 32;

/** Variables whose value can be read from a file, like container secrets: `QINIU_SECRET_KEY_FILE=/run/secrets/…`. */
const SECRETS = ['QINIU_SECRET_KEY', 'QINIU_PREVIOUS_KEYS', 'SESSION_SECRET', 'DATABASE_URL'] as const;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const QINIU_VARIABLES = ['QINIU_ACCESS_KEY', 'QINIU_SECRET_KEY', 'QINIU_BUCKET', 'QINIU_DOMAIN'] as const;

/** Maximum lifetime of a token in seconds: one day, because an issued token cannot be revoked. */
const MAX_TOKEN_LIFETIME = 86_400;

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number from ${least} to ${most}`,
    )
    .transform(Number);

/**
 * Parses an http(s) URL. Rejects credentials, which would end up in tokens, and wildcards, which are not valid in URLs.
 */
function readWebAddress(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, search, hash, username, password, hostname } = url;
  const isPlain = search === '' && hash === '' && username === '' && password === '' && !hostname.includes('*');
  return /^https?:$/.test(protocol) && isPlain ? url : undefined;
}

const webAddress = z
  .string()
  .refine(
    (text) => readWebAddress(text) !== undefined,
    'must be an http(s) address without query, user name and password, e.g. https://www.example.com',
  );

const origins = list(
  z
    .string()
    .refine(
      (text) => readWebAddress(text)?.origin === text,
      'must be origins without path and wildcards, separated by commas, e.g. https://app.example.com',
    ),
);

const domain = z
  .string()
  .transform((text) => (/^https?:\/\//i.test(text) ? text : `https://${text}`))
  .pipe(webAddress);

/** Comma-separated values. */
function list<T>(entry: z.ZodType<T, string>) {
  return z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(entry));
}

const schema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  KODO_PORT: wholeNumber(0, 65_535).default(3001),
  DATA_FOLDER: z.string().default(() => fileURLToPath(new URL('../data', import.meta.url))),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional(),
  PUBLIC_URL: webAddress.optional(),
  MAX_FILE_SIZE: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 3),
  ALLOWED_TYPES: z
    .string()
    .regex(
      /^(\*|!?[\w.+-]+\/([\w.+-]+|\*)(;[\w.+-]+\/([\w.+-]+|\*))*)$/,
      'must be types separated by ";", e.g. image/*;video/mp4, or * for all',
    )
    .optional(),
  TOKEN_LIFETIME: wholeNumber(60, MAX_TOKEN_LIFETIME).default(3600),
  TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  TOKENS_PER_MINUTE: wholeNumber(1, 1_000_000_000).default(600),
  USER_QUOTA: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(100 * 1024 ** 3),
  MAX_OPEN_UPLOADS: wholeNumber(1, 1_000_000_000).default(2000),
  ALLOWED_ORIGINS: origins,
  FRAMED_BY: origins,
  ELEMENT_FOLDER: z.string().optional(),
  SESSION_SECRET: list(z.string().min(MIN_SECRET, `must be ${MIN_SECRET} characters or longer`)),
  NODE_ENV: z.string().optional(),
  QINIU_ACCESS_KEY: z.string().optional(),
  QINIU_SECRET_KEY: z.string().optional(),
  QINIU_BUCKET: z.string().optional(),
  QINIU_DOMAIN: domain.optional(),
  QINIU_REGION: z
    .string()
    .regex(/^[a-z]+(-[a-z]+-\d+|\d+)$/, 'must be a region id such as z0, z1, z2, na0, as0 or cn-east-2')
    .optional(),
  QINIU_PRIVATE: z
    .enum(['0', '1'], 'must be 1 or 0')
    .default('0')
    .transform((text) => text === '1'),
  QINIU_PREVIOUS_KEYS: list(
    z
      .string()
      .regex(/^[^:\s]+:[^:\s]+$/, 'must be access-key:secret-key, separated by commas')
      .transform((text): SigningKeys => {
        const [accessKey = '', secretKey = ''] = text.split(':');
        return { accessKey, secretKey };
      }),
  ),
  QINIU_ENDPOINT: webAddress.optional(),
});

/**
 * Reads and validates environment variables, and the files of secrets that they name. An empty variable is treated as
 * absent.
 *
 * @throws {ConfigError} with one sentence that names the variable, never its value
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const given = { ...readSecrets(env), ...definedIn(env) };
  const result = schema.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ConfigError(`${String(issue?.path[0])} ${issue?.message ?? 'is not valid'}.`);
  }
  const values = result.data;
  const qiniu = readAccount(values);
  if (qiniu === undefined && /^(0\.0\.0\.0|::)$/.test(values.HOST)) {
    throw new ConfigError(
      `HOST is ${values.HOST}, at which browsers cannot reach the local Kodo: ` +
        'set it to the address that browsers use, e.g. 192.168.1.5.',
    );
  }
  if (values.NODE_ENV === 'production') checkForProduction(values, qiniu);
  return {
    host: values.HOST,
    port: values.PORT,
    kodoPort: values.KODO_PORT,
    dataFolder: values.DATA_FOLDER,
    databaseUrl: values.DATABASE_URL,
    publicUrl: values.PUBLIC_URL,
    maxFileSize: values.MAX_FILE_SIZE,
    allowedTypes: values.ALLOWED_TYPES,
    tokenLifetime: values.TOKEN_LIFETIME,
    trustedProxies: values.TRUSTED_PROXIES,
    logLevel: values.LOG_LEVEL,
    tokensPerMinute: values.TOKENS_PER_MINUTE,
    userQuota: values.USER_QUOTA,
    maxOpenUploads: values.MAX_OPEN_UPLOADS,
    allowedOrigins: values.ALLOWED_ORIGINS,
    framedBy: values.FRAMED_BY,
    elementFolder: values.ELEMENT_FOLDER,
    sessionSecrets: values.SESSION_SECRET,
    qiniu,
  };
}

function readAccount(values: z.infer<typeof schema>): QiniuAccount | undefined {
  const missing = QINIU_VARIABLES.filter((name) => values[name] === undefined);
  const first = [...QINIU_VARIABLES, 'QINIU_REGION' as const].find((name) => values[name] !== undefined);
  if (first === undefined) {
    if (values.PUBLIC_URL === undefined) return undefined;
    throw new ConfigError(
      `PUBLIC_URL is set, but ${QINIU_VARIABLES.join(', ')} are not: ` +
        'unset PUBLIC_URL to use the local Kodo, or set the others to use a real bucket.',
    );
  }
  const { PUBLIC_URL, QINIU_ENDPOINT } = values;
  if (PUBLIC_URL !== undefined && QINIU_ENDPOINT === undefined && !isReachable(PUBLIC_URL)) {
    throw new ConfigError(
      'PUBLIC_URL is an address that Qiniu cannot reach: set it to the address that your visitors use.',
    );
  }
  const { QINIU_ACCESS_KEY, QINIU_SECRET_KEY, QINIU_BUCKET, QINIU_DOMAIN, QINIU_REGION } = values;
  if (!QINIU_ACCESS_KEY || !QINIU_SECRET_KEY || !QINIU_BUCKET || !QINIU_DOMAIN) {
    throw new ConfigError(
      `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing, although ${first} is set: ` +
        'set all of them for a real bucket, or none for the local Kodo.',
    );
  }
  return {
    accessKey: QINIU_ACCESS_KEY,
    secretKey: QINIU_SECRET_KEY,
    bucket: QINIU_BUCKET,
    domain: QINIU_DOMAIN,
    region: QINIU_REGION,
    isPrivate: values.QINIU_PRIVATE,
    previousKeys: values.QINIU_PREVIOUS_KEYS,
    endpoint: values.QINIU_ENDPOINT,
  };
}

function definedIn(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

function readSecrets(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SECRETS.flatMap((name) => {
      const file = env[`${name}_FILE`];
      if (!file) return [];
      try {
        return [[name, readFileSync(file, 'utf8').trim()]];
      } catch (error) {
        throw new ConfigError(`${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
          cause: error,
        });
      }
    }),
  );
}

/** Words in the placeholder keys of documentation: `your-access-key`, `MY_SECRET_KEY`, `test`, `你的 AccessKey`. */
const EXAMPLE_WORDS =
  'the your my our some new old local prod production default qiniu kodo test testing demo example sample fake dummy ' +
  'access secret keys key id ak sk changeme change me here placeholder todo replace with value 你的 您的 密钥';

/**
 * Matches a key that is a placeholder as a whole: only such words, or `<…>`, `xxxx`, `${NAME}`. A prefix is not enough,
 * because a real key has 40 random characters, and about one in 500 begins with one of these words.
 */
const EXAMPLE = new RegExp(
  `^(<.*>|x+|\\*+|\\.+|\\$\\{?\\w+\\}?|((${EXAMPLE_WORDS.replaceAll(' ', '|')})[\\W_]*)+)$`,
  'i',
);

function checkForProduction(values: z.infer<typeof schema>, qiniu: QiniuAccount | undefined): void {
  if (qiniu === undefined)
    throw new ConfigError(
      'NODE_ENV is production, but no bucket is set: set the QINIU_ variables. The local Kodo is not for production.',
    );
  for (const [name, value] of [
    ['QINIU_ACCESS_KEY', qiniu.accessKey],
    ['QINIU_SECRET_KEY', qiniu.secretKey],
  ] as const) {
    if (EXAMPLE.test(value)) throw new ConfigError(`${name} is an example, not a key of your account.`);
  }
  if (values.SESSION_SECRET.length === 0) {
    throw new ConfigError(
      `SESSION_SECRET is missing: set it to at least ${MIN_SECRET} random characters, the same for all instances.`,
    );
  }
}

/** Loopback, private and link-local IPv4 networks. */
const PRIVATE_NETWORKS = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE_NETWORKS.addSubnet(address, bits);
}

/** Whether Qiniu can reach this URL from the public internet, judging by its host name. */
export function isReachable(url: string): boolean {
  const { hostname } = new URL(url);
  if (/^[\d.]+$/.test(hostname)) return !PRIVATE_NETWORKS.check(hostname);
  if (hostname.startsWith('[')) return !/^\[(::1?|f[cd]|fe80)/i.test(hostname);
  return hostname.includes('.') && !/\.(local|localhost|internal|test|invalid|lan|home)$/i.test(hostname);
}

/**
 * Returns a region's upload hosts in order of preference: the accelerated one, then the direct one.
 *
 * Source: https://developer.qiniu.com/kodo/1671/region-endpoint-fq
 */
export function upHostsOf(region: string): readonly string[] {
  const suffix = region === 'z0' ? '' : `-${region}`;
  return [`https://upload${suffix}.qiniup.com`, `https://up${suffix}.qiniup.com`];
}
