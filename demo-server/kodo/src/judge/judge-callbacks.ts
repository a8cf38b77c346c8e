import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Bench } from './bench.js';
import { newUploadCallback, type BodyType, type SourceOptions, type UploadCallback } from './callback-source.js';
import { CASES, LONG_CASE, type CaseId, type JudgeCase } from './cases.js';
import { JudgeError } from './judge-error.js';
import { worstOf, type Check, type Outcome } from './verdict.js';

export interface JudgeOptions {
  /** The callback URL to call; optional with `tokenUrl`, which defaults it to the put policy's `callbackUrl`. */
  readonly url?: string;
  /** The keys that the server verifies with. */
  readonly accessKey: string;
  readonly secretKey: string;
  /** The URL known to Kodo, if `url` bypasses a proxy. Default: the policy's `callbackUrl`, otherwise `url`. */
  readonly signedUrl?: string;
  /** The server's token route. Each case then reports an upload for which the server has issued a token. */
  readonly tokenUrl?: string;
  /** Default `post`, with JSON; `get` sends a query string. */
  readonly tokenMethod?: 'post' | 'get';
  /** Headers for the token route, such as a session cookie. */
  readonly tokenHeaders?: Readonly<Record<string, string>>;
  /** Fields of the token request that add to or replace `name`, `size` and `type`. */
  readonly tokenBody?: Readonly<Record<string, unknown>>;
  /** Body template with Kodo's magic variables. Default: the policy's, else bucket, key, hash, size, type, name. */
  readonly callbackBody?: string;
  /** Encoding of `callbackBody` if no policy specifies it. Default `form`. */
  readonly bodyType?: BodyType;
  /** Timeout for the response to a callback, in milliseconds. Default 10,000. */
  readonly timeout?: number;
  /** Milliseconds after which the server should have closed an incomplete request. Default 30,000. */
  readonly stallLimit?: number;
  /** Called with each case as soon as it is decided, in order. */
  readonly onResult?: (result: CaseResult) => void;
}

export interface CaseResult {
  readonly id: CaseId;
  /** `skipped`: the case does not apply to this callback, or the server no longer responds. */
  readonly outcome: Outcome | 'skipped';
  readonly checks: readonly Check[];
}

export interface Judgement {
  /** `failed` if any case failed. */
  readonly outcome: Outcome;
  readonly results: readonly CaseResult[];
}

/** After this many cases without any response, the remaining ones are skipped: each would only time out. */
const MOST_SILENT = 2;

/**
 * Tests a callback route with valid, forged, modified, repeated, slow and oversized callbacks.
 *
 * Results never contain the secret key or signatures, even if the server echoes them.
 *
 * @throws {JudgeError} if the URL or the token route cannot be reached, or its tokens are unusable
 */
export async function judgeCallbacks(options: JudgeOptions): Promise<Judgement> {
  const { accessKey, secretKey, timeout = 10_000, stallLimit = 30_000 } = options;
  const keys = { accessKey, secretKey };
  const source = sourceOf(options, timeout);
  const first = await newUploadCallback(source);
  await checkReachable((first.form ?? first.json)?.target, timeout);
  const firsts = [first];
  const next = async (): Promise<UploadCallback> => firsts.pop() ?? newUploadCallback(source);
  const bench = new Bench({ keys, timeout, stallLimit }, next);
  const long = judgeCase(LONG_CASE, bench);
  long.catch(() => undefined); // awaited below, unless another case throws first
  const results: CaseResult[] = [];
  let silent = 0;
  for (const each of CASES) {
    const isLost = silent >= MOST_SILENT;
    const result = isLost ? skipped(each) : await judgeCase(each, bench);
    if (!isLost && result.checks.length > 0) silent = isAnswered(result) ? 0 : silent + 1;
    results.push(result);
    options.onResult?.(result);
  }
  const last = await long;
  options.onResult?.(last);
  results.push(last);
  const outcomes = results.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'skipped');
  return { outcome: worstOf(outcomes), results };
}

async function judgeCase(judged: JudgeCase, bench: Bench): Promise<CaseResult> {
  const checks = (await judged.run(bench)).map((check) => ({ ...check, seen: bench.redact(check.seen) }));
  if (checks.length === 0) return skipped(judged);
  return { id: judged.id, outcome: worstOf(checks.map(({ outcome }) => outcome)), checks };
}

function skipped({ id }: JudgeCase): CaseResult {
  return { id, outcome: 'skipped', checks: [] };
}

function isAnswered({ checks }: CaseResult): boolean {
  return checks.some(({ seen }) => seen.kind === 'answered' || seen.kind === 'closed');
}

/** @throws {JudgeError} */
function sourceOf(options: JudgeOptions, timeout: number): SourceOptions {
  const { url, signedUrl, tokenUrl, accessKey, secretKey, callbackBody, bodyType } = options;
  if (url === undefined && tokenUrl === undefined) throw new JudgeError('bad-option', 'url or tokenUrl');
  for (const [name, value] of Object.entries({ url, signedUrl, tokenUrl })) {
    if (value !== undefined && !isWebAddress(value)) throw new JudgeError('bad-option', `${name} ${value}`);
  }
  for (const [name, value] of Object.entries({ accessKey, secretKey })) {
    if (value === '') throw new JudgeError('bad-option', name);
  }
  const { tokenMethod: method = 'post', tokenHeaders: headers = {}, tokenBody: body = {} } = options;
  const tokenRoute = tokenUrl === undefined ? undefined : { url: tokenUrl, method, headers, body, timeout };
  return { keys: { accessKey, secretKey }, url, signedUrl, callbackBody, bodyType, tokenRoute };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Opens a connection, to distinguish a wrong address from a failing server. @throws {JudgeError} */
async function checkReachable(target: URL | undefined, timeout: number): Promise<void> {
  if (target === undefined) throw new JudgeError('bad-policy', 'callbackBody');
  const isTls = target.protocol === 'https:';
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = Number(target.port || (isTls ? 443 : 80));
  let socket: Socket | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const done = (): void => resolve();
      socket = isTls ? connectTls({ host, port, servername: host }, done) : connectTcp({ host, port }, done);
      socket.setTimeout(timeout, () => reject(new Error('ETIMEDOUT')));
      socket.on('error', reject);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new JudgeError('unreachable', `${target.origin} (${code ?? message})`, { cause: error });
  } finally {
    socket?.destroy();
  }
}
