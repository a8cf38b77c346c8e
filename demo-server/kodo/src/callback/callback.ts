import { STATUS_CODES } from 'node:http';
import { toBase64Url } from '../text/base64url.js';
import { postCallback, refused, unreached, withScheme, type CallbackAnswer } from './callback-request.js';
import type { Outbound } from '../outbound/outbound.js';
import { readJson } from '../text/json-text.js';
import { sign, type Keys } from '../policy/upload-token.js';
import { goJson } from '../text/variables.js';
import { wellFormed } from '../text/well-formed.js';

export type CallbackScheme = 'QBox' | 'Qiniu';

/** Contents of a callback, independent of the URL that it is sent to. */
export interface CallbackMessage {
  /** Value of the `Host` header, if it differs from the URL's host. */
  readonly host: string | undefined;
  readonly contentType: string;
  readonly body: string;
  readonly reqid: string;
}

/** A callback request to sign and send. */
export interface CallbackRequest extends CallbackMessage {
  readonly url: string;
}

/**
 * A simulated callback failure. Only `reply-lost` calls the business server; for all others, the local Kodo makes up
 * the response.
 */
export const CALLBACK_FAULTS = ['unreachable', 'silent', 'refused', 'server-error', 'html', 'reply-lost'] as const;

export type CallbackFault = (typeof CALLBACK_FAULTS)[number];

export interface CallbackSettings {
  readonly keys: Keys;
  readonly outbound: Outbound;
  readonly scheme: CallbackScheme;
  /** Callback timeout in milliseconds. */
  readonly timeout: number;
  /** Maximum number of attempts for each URL. */
  readonly tries: number;
  /** Aborts pending callbacks when Kodo closes. */
  readonly closing: AbortSignal;
}

/** The outcome of a callback: the JSON to relay, byte for byte, or the reason for the failure. */
export type CallbackOutcome =
  | { readonly ok: true; readonly url: string; readonly json: Buffer }
  | { readonly ok: false; readonly url: string; readonly code: number; readonly error: string };

/** The content type for which `QBox` also signs the body. */
export const FORM = 'application/x-www-form-urlencoded';

/**
 * The `Authorization` header of a callback.
 *
 * `QBox` signs path, query and, for a form, the body; `Qiniu` also signs method, host, content type and any body.
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

/** Headers of a callback, except those for framing. */
export function callbackHeaders(
  { host, contentType, reqid }: CallbackMessage,
  authorization: string,
): Record<string, string> {
  return {
    ...(host === undefined ? {} : { Host: host }),
    'User-Agent': 'qiniu-callback/1.0',
    'Content-Type': contentType,
    'X-Reqid': reqid,
    Authorization: authorization,
  };
}

/** Calls each URL in turn, up to the maximum number of attempts, until one responds with 200 and JSON. */
export async function deliverCallback(
  urls: readonly string[],
  message: CallbackMessage,
  settings: CallbackSettings,
  fault?: CallbackFault,
): Promise<CallbackOutcome> {
  let outcome: CallbackOutcome = { ok: false, url: '', code: 502, error: 'no callback url' };
  for (const url of urls.flatMap((each) => Array.from({ length: settings.tries }, () => each))) {
    // An error reports the URL as written in the policy.
    outcome = judge(url, await call({ ...message, url: withScheme(url) }, settings, fault));
    if (outcome.ok) return outcome;
  }
  return outcome;
}

function judge(url: string, answer: CallbackAnswer): CallbackOutcome {
  const json = readJson(answer.body.toString('utf8'));
  if (answer.status === 200) {
    return json === undefined
      ? { ok: false, url, code: 200, error: 'unexcepted response' } // Kodo's own spelling
      : { ok: true, url, json: answer.body };
  }
  const stated = (json?.value as { readonly error?: unknown } | null | undefined)?.error;
  const isStated = typeof stated === 'string' && stated !== '';
  return { ok: false, url, code: answer.status, error: isStated ? stated : answer.statusText };
}

async function call(
  request: CallbackRequest,
  settings: CallbackSettings,
  fault: CallbackFault | undefined,
): Promise<CallbackAnswer> {
  const { url } = request;
  const silence = deadline(settings);
  try {
    switch (fault) {
      case 'unreachable':
        return unreached(url, URL.canParse(url) ? refused(url) : 'invalid URL');
      case 'refused':
        return invented(400, '{"error":"refused"}');
      case 'server-error':
        return invented(500, '');
      case 'html':
        return invented(200, '<!doctype html><title>Welcome</title>');
      case 'silent':
        await aborted(silence.signal);
        return unreached(url, 'context deadline exceeded', 504);
      case 'reply-lost':
        await post(request, settings, silence.signal);
        return unreached(url, 'context deadline exceeded', 504);
      case undefined:
        return await post(request, settings, silence.signal);
    }
  } finally {
    silence.release();
  }
}

async function post(
  request: CallbackRequest,
  settings: CallbackSettings,
  signal: AbortSignal,
): Promise<CallbackAnswer> {
  const { url, body } = request;
  if (!URL.canParse(url)) return unreached(url, 'invalid URL');
  const authorization = callbackAuthorization(settings.scheme, settings.keys, request);
  return postCallback(settings.outbound, url, callbackHeaders(request, authorization), body, signal);
}

/** A signal that aborts after the timeout or when Kodo closes; call `release` to clear its timer. */
function deadline({ timeout, closing }: CallbackSettings): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeout);
  closing.addEventListener('abort', abort);
  if (closing.aborted) abort();
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      closing.removeEventListener('abort', abort);
    },
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function invented(status: number, body: string): CallbackAnswer {
  return { status, statusText: STATUS_CODES[status] ?? '', body: Buffer.from(body) };
}

/** The body of a 579 response: an `error` string that contains JSON, with fields in the recorded order. */
export function callbackFailureBody(
  outcome: Extract<CallbackOutcome, { ok: false }>,
  message: CallbackMessage,
  object: { readonly hash: string; readonly key: string } | undefined,
): string {
  const inner = goJson({
    callback_url: outcome.url,
    ...(message.host === undefined ? {} : { callback_host: message.host }),
    callback_bodyType: message.contentType,
    callback_body: message.body,
    token: '',
    err_code: outcome.code,
    error: outcome.error,
    ...(object === undefined ? {} : { hash: object.hash, key: object.key }),
  });
  return goJson({ error: inner });
}

/** The redirect target for `returnUrl`. Source: https://developer.qiniu.com/kodo/1654/response-body */
export function returnLocation(returnUrl: string, body: string): string {
  // Headers can contain visible ASCII only.
  const target = returnUrl.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(wellFormed(text)));
  return `${target}${target.includes('?') ? '&' : '?'}upload_ret=${toBase64Url(body)}`;
}
