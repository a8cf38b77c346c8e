import { createHash } from 'node:crypto';
import {
  callbackFailureBody,
  deliverCallback,
  type CallbackFault,
  type CallbackMessage,
  type CallbackOutcome,
  type CallbackSettings,
} from './callback.js';
import { memberOf, readJson } from '../text/json-text.js';
import type { PutPolicy } from '../policy/put-policy.js';
import { variablesOf, type UploadFacts } from '../upload/upload-variables.js';
import { substitute } from '../text/variables.js';
import { wellFormed } from '../text/well-formed.js';

/** An upload whose policy has a callback URL. */
export interface CallbackContext {
  readonly policy: PutPolicy;
  readonly facts: UploadFacts;
  readonly reqid: string;
  readonly fault: CallbackFault | undefined;
  readonly onWarning: (text: string) => void;
}

/** The key chosen by the business server, or the body of a 579 response. */
export type AskedKey =
  { readonly ok: true; readonly key: string; readonly payload: Buffer } | { readonly ok: false; readonly body: string };

/**
 * Reports a stored object to the business server and relays the response.
 *
 * @returns `undefined` if the policy has no callback
 */
export async function tellOfObject(
  context: CallbackContext,
  object: { readonly hash: string; readonly key: string },
  settings: CallbackSettings,
): Promise<{ readonly status: number; readonly body: string | Buffer } | undefined> {
  if (context.policy.callbackUrls.length === 0) return undefined;
  const { message, outcome } = await deliver(context, object.key, settings);
  if (outcome.ok) return { status: 200, body: outcome.json };
  return { status: 579, body: callbackFailureBody(outcome, message, object) };
}

/**
 * `callbackFetchKey`: the business server chooses the key before the object is stored, and the response for the client.
 *
 * @returns `undefined` if the policy has no callback
 */
export async function askForKey(context: CallbackContext, settings: CallbackSettings): Promise<AskedKey | undefined> {
  if (context.policy.callbackUrls.length === 0) return undefined;
  const { message, outcome } = await deliver(context, undefined, settings);
  const named = outcome.ok ? readFetchedKey(outcome.json) : undefined;
  if (named !== undefined) return { ok: true, ...named };
  const failure = outcome.ok ? { ...outcome, ok: false as const, code: 200, error: 'unexcepted response' } : outcome;
  return { ok: false, body: callbackFailureBody(failure, message, undefined) };
}

async function deliver(
  context: CallbackContext,
  key: string | undefined,
  settings: CallbackSettings,
): Promise<{ readonly message: CallbackMessage; readonly outcome: CallbackOutcome }> {
  const { message, urls } = fillIn(context, key);
  return { message, outcome: await deliverCallback(urls, message, settings, context.fault) };
}

/** The callback that a policy describes, with its variables filled in, and the URLs to call. */
export function fillIn(
  { policy, facts, reqid, onWarning }: Omit<CallbackContext, 'fault'>,
  key: string | undefined,
): { readonly message: CallbackMessage; readonly urls: readonly string[] } {
  const contentType = policy.callbackBodyType;
  const context = contentType === 'application/json' ? 'json' : 'form';
  const body = substitute(policy.callbackBody ?? '', context, variablesOf(facts, { key }));
  if (context === 'json' && readJson(body) === undefined) {
    onWarning(`callbackBody is not valid JSON after substitution: ${body.slice(0, 200)}`);
  }
  const message: CallbackMessage = { host: policy.callbackHost, contentType, body, reqid };
  const bodySha1 = createHash('sha1').update(body).digest('hex');
  const inUrl = variablesOf(facts, { key, bodySha1 });
  const urls = policy.callbackUrls.map((url) => substitute(url, 'form', inUrl));
  return { message, urls };
}

/** Parses the response to a `callbackFetchKey` callback: `{key, payload}`. */
export function readFetchedKey(json: Buffer): { readonly key: string; readonly payload: Buffer } | undefined {
  const value = JSON.parse(json.toString('utf8')) as { readonly key?: unknown } | null;
  if (typeof value?.key !== 'string') return undefined;
  return { key: wellFormed(value.key), payload: memberOf(json, 'payload') ?? Buffer.from('null') };
}
