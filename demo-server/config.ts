import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** An account's bucket on the real Qiniu. */
export interface QiniuAccount {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** Origin that serves the bucket's objects. */
  readonly domain: string;
  /** Region id, e.g. `z0`; absent lets the browser ask Qiniu once. */
  readonly region: string | undefined;
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
  /** Kodo's `mimeLimit`: types and wildcards, separated by `;`. */
  readonly allowedTypes: string | undefined;
  /** Seconds that a token is good for. */
  readonly tokenLifetime: number;
  /** How many proxies in front of this server name the client's address. */
  readonly trustedProxies: number;
  readonly logLevel: string;
  readonly qiniu: QiniuAccount | undefined;
}

/** A variable that is missing, malformed or contradicts another; its message names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

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

const webAddress = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && search === '' && hash === '';
}, 'must be an http(s) address without query, e.g. https://www.example.com');

const domain = z
  .string()
  .transform((text) => (/^https?:\/\//i.test(text) ? text : `https://${text}`))
  .pipe(webAddress);

const schema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  KODO_PORT: wholeNumber(0, 65_535).default(3001),
  DATA_FOLDER: z.string().default(() => fileURLToPath(new URL('data', import.meta.url))),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional(),
  PUBLIC_URL: webAddress.optional(),
  MAX_FILE_SIZE: wholeNumber(1, Number.MAX_SAFE_INTEGER).default(10 * 1024 ** 3),
  ALLOWED_TYPES: z
    .string()
    .regex(
      /^!?[\w.+-]+\/([\w.+-]+|\*)(;[\w.+-]+\/([\w.+-]+|\*))*$/,
      'must be types separated by ";", e.g. image/*;video/mp4',
    )
    .optional(),
  TOKEN_LIFETIME: wholeNumber(60, MAX_TOKEN_LIFETIME).default(3600),
  TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  QINIU_ACCESS_KEY: z.string().optional(),
  QINIU_SECRET_KEY: z.string().optional(),
  QINIU_BUCKET: z.string().optional(),
  QINIU_DOMAIN: domain.optional(),
  QINIU_REGION: z
    .string()
    .regex(/^[a-z]+(-[a-z]+-\d+|\d+)$/, 'must be a region id such as z0, z1, z2, na0, as0 or cn-east-2')
    .optional(),
});

/**
 * Reads the environment; an empty variable counts as absent.
 *
 * @throws {ConfigError} one sentence that names the variable, never its value
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new ConfigError(`${String(issue?.path[0])} ${issue?.message ?? 'is not valid'}.`);
  }
  const values = result.data;
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
    qiniu: readAccount(values),
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
  };
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
