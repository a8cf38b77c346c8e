import { verifyUploadToken, type Keys } from '../policy/upload-token.js';
import type { PutPolicy } from '../policy/put-policy.js';
import { KodoError } from '../kodo-error.js';
import { readJson } from '../text/json-text.js';
import { JudgeError } from './judge-error.js';

/** A server's token route, requested in the same way as by `<qiniu-uploader token-endpoint>`. */
export interface TokenRoute {
  readonly url: string;
  readonly method: 'post' | 'get';
  /** Additional request headers, such as a session cookie. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON fields that add to or replace `name`, `size` and `type`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Timeout in milliseconds. */
  readonly timeout: number;
}

/**
 * Requests a token from the token route and reads its put policy.
 *
 * @returns the policy, and the key that the client would send, if the response contains one
 * @throws {JudgeError}
 */
export async function askForToken(
  route: TokenRoute,
  file: Readonly<Record<string, unknown>>,
  keys: Keys,
): Promise<{ readonly policy: PutPolicy; readonly key: string | undefined }> {
  const text = await ask(route, { ...file, ...route.body });
  const { token, key } = readAnswer(text);
  if (token === undefined) throw new JudgeError('no-token', route.url);
  try {
    return { policy: verifyUploadToken(keys, token), key };
  } catch (error) {
    if (!(error instanceof KodoError)) throw error;
    throw error.status === 401 ? new JudgeError('foreign-token') : new JudgeError('bad-policy', error.message);
  }
}

async function ask(route: TokenRoute, request: Readonly<Record<string, unknown>>): Promise<string> {
  const url = new URL(route.url);
  const isGet = route.method === 'get';
  if (isGet) for (const [name, value] of Object.entries(request)) url.searchParams.set(name, String(value));
  const headers = {
    accept: 'application/json',
    ...(isGet ? {} : { 'content-type': 'application/json' }),
    ...route.headers,
  };
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: isGet ? 'GET' : 'POST',
      headers,
      ...(isGet ? {} : { body: JSON.stringify(request) }),
      redirect: 'manual', // usually to a login page
      signal: AbortSignal.timeout(route.timeout),
    });
    text = await response.text();
  } catch (error) {
    const { cause, message } = error as Error & { readonly cause?: NodeJS.ErrnoException };
    throw new JudgeError('token-route-unreachable', `${url.origin}${url.pathname} (${cause?.code ?? message})`);
  }
  if (response.status !== 200) throw new JudgeError('token-route-refused', `${url.pathname} -> ${response.status}`);
  return text;
}

/** Reads the token from `token` or `uptoken`, at the top level or in `data`, or from plain text. */
function readAnswer(text: string): { readonly token: string | undefined; readonly key: string | undefined } {
  const value = readJson(text)?.value ?? text.trim();
  if (typeof value === 'string') return { token: value === '' ? undefined : value, key: undefined };
  const answer = (value ?? {}) as Answer;
  const { token, uptoken, key } = answer.data ?? answer;
  const found = token ?? uptoken;
  return { token: typeof found === 'string' ? found : undefined, key: typeof key === 'string' ? key : undefined };
}

interface Answer {
  readonly token?: unknown;
  readonly uptoken?: unknown;
  readonly key?: unknown;
  readonly data?: Answer;
}
