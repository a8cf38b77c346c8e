import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SigningKeys } from '../qiniu/callback-signature.js';

/** An account's bucket on the real Qiniu. */
export interface QiniuAccount {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** Origin that serves the bucket's objects. */
  readonly domain: string;
  /** Region id, e.g. `z0`; absent lets the browser ask Qiniu once. */
  readonly region?: string | undefined;
  /** Whether downloads need a signed address. */
  readonly isPrivate?: boolean;
  /** Keys of before, whose callbacks are still believed. */
  readonly previousKeys?: readonly SigningKeys[];
  /** Origin of a Kodo that is not Qiniu's own: a private cloud, or a local Kodo that runs apart. */
  readonly endpoint?: string | undefined;
}

/** What the environment says, checked. */
export interface Environment {
  readonly host: string;
  readonly port: number;
  /** Port of the local Kodo; unused with a real bucket. */
  readonly kodoPort: number;
  readonly dataFolder: string;
  /** PostgreSQL; absent means SQLite in `dataFolder`. */
  readonly databaseUrl: string | undefined;
  /** Where Qiniu reaches this server. */
  readonly publicUrl: string | undefined;
  /** Bytes. */
  readonly maxFileSize: number;
  /**
   * Kodo's `mimeLimit`: types and wildcards, separated by `;`; `*` allows every type. Default: all but those that browsers
   * run.
   */
  readonly allowedTypes: string | undefined;
  /** Seconds that a token is good for. */
  readonly tokenLifetime: number;
  /** How many proxies in front of this server name the client's address. */
  readonly trustedProxies: number;
  readonly logLevel: string;
  /** Tokens that one user may ask for in a minute; as many confirmations, and as many deletions. */
  readonly tokensPerMinute: number;
  /** Bytes that one user may have. */
  readonly userQuota: number;
  /** Uploads that one user may have begun and not finished. */
  readonly maxOpenUploads: number;
  /** Origins of other sites that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** Origins of other sites that may show this server's pages in a frame. */
  readonly framedBy: readonly string[];
  /** Where the built element is; absent looks for it. */
  readonly elementFolder: string | undefined;
  /** What signs visitors' cookies; empty makes one in `dataFolder`. */
  readonly sessionSecrets: readonly string[];
  readonly qiniu: QiniuAccount | undefined;
}

/** A variable that is missing, malformed or contradicts another; its message names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Characters of a secret that cannot be guessed. */
export const MIN_SECRET = 32;

/** Variables that may be given by a file, as containers get their secrets: `QINIU_SECRET_KEY_FILE=/run/secrets/…`. */
const SECRETS = ['QINIU_SECRET_KEY', 'QINIU_PREVIOUS_KEYS', 'SESSION_SECRET', 'DATABASE_URL'] as const;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const QINIU_VARIABLES = ['QINIU_ACCESS_KEY', 'QINIU_SECRET_KEY', 'QINIU_BUCKET', 'QINIU_DOMAIN'] as const;

/** Longest life of a token: a day. A token is a permission that cannot be taken back. */
const MAX_TOKEN_LIFETIME = 86_400;

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number from ${least} to ${most}`,
    )
    .transform(Number);

/** An http(s) address; without user and password, which would end up in tokens, and without wildcards, which no URL has. */
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
    'must be an http(s) address without query, user and password, e.g. https://www.example.com',
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

/** Values separated by commas. */
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
 * Reads the environment, and the files it names for secrets; an empty variable counts as absent.
 *
 * @throws {ConfigError} one sentence that names the variable, never its value
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
      `HOST is ${values.HOST}, where no browser finds the local Kodo: give the address that they use, e.g. 192.168.1.5.`,
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
      `PUBLIC_URL is set, but ${QINIU_VARIABLES.join(', ')} are not: the local Kodo calls this server directly.`,
    );
  }
  const { PUBLIC_URL, QINIU_ENDPOINT } = values;
  if (PUBLIC_URL !== undefined && QINIU_ENDPOINT === undefined && !isReachable(PUBLIC_URL)) {
    throw new ConfigError('PUBLIC_URL is an address that Qiniu cannot reach: give the one your visitors use.');
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

/** What the keys in documents and examples are made of: `your-access-key`, `MY_SECRET_KEY`, `test`, `你的 AccessKey`. */
const EXAMPLE_WORDS =
  'the your my our some new old local prod production default qiniu kodo test testing demo example sample fake dummy ' +
  'access secret keys key id ak sk changeme change me here placeholder todo replace with value 你的 您的 密钥';

/**
 * A whole key that is an example: made of such words alone, or `<…>`, `xxxx`, `${NAME}`. A real key is 40 random
 * characters, and about one in 500 begins with some such word.
 */
const EXAMPLE = new RegExp(
  `^(<.*>|x+|\\*+|\\.+|\\$\\{?\\w+\\}?|((${EXAMPLE_WORDS.replaceAll(' ', '|')})[\\W_]*)+)$`,
  'i',
);

function checkForProduction(values: z.infer<typeof schema>, qiniu: QiniuAccount | undefined): void {
  if (qiniu === undefined)
    throw new ConfigError('NODE_ENV is production, but no bucket is set: the local Kodo is none.');
  for (const [name, value] of [
    ['QINIU_ACCESS_KEY', qiniu.accessKey],
    ['QINIU_SECRET_KEY', qiniu.secretKey],
  ] as const) {
    if (EXAMPLE.test(value)) throw new ConfigError(`${name} is an example, not a key of your account.`);
  }
  if (values.SESSION_SECRET.length === 0) {
    throw new ConfigError(
      `SESSION_SECRET is missing: give ${MIN_SECRET} random characters, the same to all instances.`,
    );
  }
}

/** Addresses that only this machine or its own network knows. */
const INNER = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  INNER.addSubnet(address, bits);
}

/** Whether Qiniu, which is elsewhere, could call this address. */
export function isReachable(url: string): boolean {
  const { hostname } = new URL(url);
  if (/^[\d.]+$/.test(hostname)) return !INNER.check(hostname);
  if (hostname.startsWith('[')) return !/^\[(::1?|f[cd]|fe80)/i.test(hostname);
  return hostname.includes('.') && !/\.(local|localhost|internal|test|invalid|lan|home)$/i.test(hostname);
}

/**
 * Up hosts of a region in order of preference: the accelerated one, then the direct one.
 *
 * Source: https://developer.qiniu.com/kodo/1671/region-endpoint-fq
 */
export function upHostsOf(region: string): readonly string[] {
  const suffix = region === 'z0' ? '' : `-${region}`;
  return [`https://upload${suffix}.qiniup.com`, `https://up${suffix}.qiniup.com`];
}
