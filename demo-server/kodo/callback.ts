import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { toBase64Url } from './base64url.js';
import { sign, type Keys } from './upload-token.js';
import { goJson } from './variables.js';

export type CallbackScheme = 'QBox' | 'Qiniu';

/** A callback about to be made. */
export interface CallbackRequest {
  readonly url: string;
  /** Value of the `Host` header, when not the URL's own. */
  readonly host: string | undefined;
  readonly contentType: string;
  readonly body: string;
  readonly reqid: string;
}

/** What a business server answered; `status` 0 when it could not be reached. */
interface CallbackAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly body: string;
}

export interface CallbackSettings {
  readonly keys: Keys;
  readonly scheme: CallbackScheme;
  /** Milliseconds until a silent business server is given up. */
  readonly timeout: number;
}

/** What came of a callback: the JSON text to relay, or why there is none. */
export type CallbackOutcome =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly url: string; readonly code: number; readonly error: string };

const FORM = 'application/x-www-form-urlencoded';

/**
 * The `Authorization` of a callback.
 *
 * `QBox` signs path, query and, for a form, the body; `Qiniu` also method, host, type and any body.
 * Source: https://developer.qiniu.com/kodo/1409/seven-cattle-callback-and-callback-authentication
 */
export function callbackAuthorization(scheme: CallbackScheme, keys: Keys, request: CallbackRequest): string {
  const { pathname, search, host } = new URL(request.url);
  const target = `${pathname}${search}`;
  const data =
    scheme === 'QBox'
      ? `${target}\n${request.contentType === FORM ? request.body : ''}`
      : `POST ${target}\nHost: ${request.host ?? host}\nContent-Type: ${request.contentType}\n\n${request.body}`;
  return `${scheme} ${keys.accessKey}:${sign(keys.secretKey, data)}`;
}

/** Calls each URL in turn until one answers 200 with JSON. */
export async function deliverCallback(
  urls: readonly string[],
  request: Omit<CallbackRequest, 'url'>,
  settings: CallbackSettings,
): Promise<CallbackOutcome> {
  let outcome: CallbackOutcome = { ok: false, url: '', code: 502, error: 'no callback url' };
  for (const url of urls) {
    outcome = judge(url, await call({ ...request, url }, settings));
    if (outcome.ok) return outcome;
  }
  return outcome;
}

function judge(url: string, answer: CallbackAnswer): CallbackOutcome {
  const value = parseJson(answer.body);
  if (answer.status === 200) {
    return value === undefined
      ? { ok: false, url, code: 200, error: 'unexcepted response' } // Kodo's own spelling
      : { ok: true, json: answer.body };
  }
  const stated = (value?.parsed as { readonly error?: unknown } | null | undefined)?.error;
  return { ok: false, url, code: answer.status, error: typeof stated === 'string' ? stated : answer.statusText };
}

function parseJson(text: string): { readonly parsed: unknown } | undefined {
  try {
    return { parsed: JSON.parse(text) as unknown };
  } catch {
    return undefined; // the caller says what was expected
  }
}

/** One POST; never throws: what goes wrong is part of the answer, in the words of Kodo's Go client. */
async function call(request: CallbackRequest, settings: CallbackSettings): Promise<CallbackAnswer> {
  const failure = (status: number, reason: string): CallbackAnswer => ({
    status,
    statusText: `Post "${request.url}": ${reason}`,
    body: '',
  });
  if (!/^https?:\/\//.test(request.url)) return failure(502, `unsupported protocol scheme ""`);
  const body = Buffer.from(request.body);
  const send = request.url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const outgoing = send(request.url, {
      method: 'POST',
      signal: AbortSignal.timeout(settings.timeout),
      headers: {
        ...(request.host === undefined ? {} : { host: request.host }),
        'content-type': request.contentType,
        'content-length': body.length,
        'user-agent': 'qiniu-callback/1.0',
        'x-reqid': request.reqid,
        authorization: callbackAuthorization(settings.scheme, settings.keys, request),
      },
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'AbortError' || error.name === 'TimeoutError')
        resolve(failure(504, 'context deadline exceeded'));
      else if (error.code === 'ECONNREFUSED')
        resolve(failure(502, `dial tcp ${new URL(request.url).host}: connect: connection refused`));
      else resolve(failure(502, error.message));
    });
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => resolve(failure(502, error.message)));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 502,
          statusText: response.statusMessage ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.end(body);
  });
}

/** The body of a 579: an `error` that is text holding JSON, in the recorded order of its fields. */
export function callbackFailureBody(
  outcome: Extract<CallbackOutcome, { ok: false }>,
  request: Omit<CallbackRequest, 'url'>,
  object: { readonly hash: string; readonly key: string } | undefined,
): string {
  const inner = goJson({
    callback_url: outcome.url,
    ...(request.host === undefined ? {} : { callback_host: request.host }),
    callback_bodyType: request.contentType,
    callback_body: request.body,
    token: '',
    err_code: outcome.code,
    error: outcome.error,
    ...(object === undefined ? {} : { hash: object.hash, key: object.key }),
  });
  return goJson({ error: inner });
}

/** Where a browser is sent for `returnUrl`. Source: https://developer.qiniu.com/kodo/1654/response-body */
export function returnLocation(returnUrl: string, body: string): string {
  return `${returnUrl}${returnUrl.includes('?') ? '&' : '?'}upload_ret=${toBase64Url(body)}`;
}
