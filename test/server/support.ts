import assert from 'node:assert/strict';
import { callbackAuthorization, type CallbackScheme } from '../../demo-server/kodo/src/callback/callback.js';

/** A demo server, in this process or in another: its address, and the keys that sign its callbacks. */
export interface Site {
  readonly origin: string;
  readonly settings: { readonly accessKey: string; readonly secretKey: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function answerOf(response: Response): Promise<Answer> {
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

/** A visitor's cookie, as the page brings it. */
export async function becomeVisitor({ origin }: { readonly origin: string }): Promise<string> {
  const [cookie = ''] = (await fetch(`${origin}/`)).headers.getSetCookie();
  return cookie.split(';')[0] ?? '';
}

const visitors = new WeakMap<object, Promise<string>>();

/** The cookie of the visitor that tests are unless they say otherwise, one for each server. */
export function visitorOf(demo: { readonly origin: string }): Promise<string> {
  let cookie = visitors.get(demo);
  if (cookie === undefined) {
    cookie = becomeVisitor(demo);
    visitors.set(demo, cookie);
  }
  return cookie;
}

/** Calls the API as a visitor. */
export async function call(
  demo: { readonly origin: string },
  method: string,
  path: string,
  { cookie, body, headers = {} }: { cookie?: string; body?: unknown; headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(`${demo.origin}${path}`, {
    method,
    headers: {
      cookie: cookie ?? (await visitorOf(demo)),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** A listed upload as its callback was answered, without what the list says besides. */
export function asAnswered(listed: unknown): Record<string, unknown> {
  const { color, thumbnailUrl, ...answer } = listed as Record<string, unknown>;
  for (const extra of [color, thumbnailUrl]) assert.ok(extra === null || typeof extra === 'string');
  return answer;
}

/** Asks the token route. */
export async function askToken(
  demo: { readonly origin: string },
  file: Readonly<Record<string, unknown>>,
  query = '',
  cookie?: string,
): Promise<Answer> {
  const options = { body: file, ...(cookie === undefined ? {} : { cookie }) };
  return answerOf(await call(demo, 'POST', `/api/uploads/token${query}`, options));
}

/** The put policy in a token. */
export function policyOf(token: unknown): Record<string, unknown> {
  assert.equal(typeof token, 'string');
  return JSON.parse(Buffer.from(String(token).split(':')[2] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** Sends a file as a browser's form would. */
export async function uploadForm(token: Answer, data: Buffer, name: string): Promise<Answer> {
  const form = new FormData();
  form.set('token', String(token.body['token']));
  if (typeof token.body['key'] === 'string') form.set('key', token.body['key']);
  form.set('fname', name);
  form.set('file', new File([new Uint8Array(data)], name));
  const [host] = token.body['hosts'] as string[];
  return answerOf(await fetch(`${host}/`, { method: 'POST', body: form }));
}

export const FORM = 'application/x-www-form-urlencoded';

/** A callback as Kodo makes it; each piece can be spoilt. */
export async function sendCallback(
  demo: Site,
  body: string,
  spoil: {
    scheme?: CallbackScheme;
    secretKey?: string;
    contentType?: string;
    authorization?: string;
    sent?: string;
    /** Address that is signed, where a proxy stands in front. */
    url?: string;
  } = {},
): Promise<Answer> {
  const { scheme = 'QBox', contentType = FORM, sent = body } = spoil;
  const url = `${demo.origin}/api/uploads/callback`;
  const { accessKey, secretKey } = demo.settings;
  const authorization =
    spoil.authorization ??
    callbackAuthorization(
      scheme,
      { accessKey, secretKey: spoil.secretKey ?? secretKey },
      { url: spoil.url ?? url, host: undefined, contentType, body, reqid: '' },
    );
  const headers = { 'content-type': contentType, ...(authorization === '' ? {} : { authorization }) };
  return answerOf(await fetch(url, { method: 'POST', headers, body: sent }));
}

/** What the callback body of an issued upload is, filled in. */
export function callbackBody(token: Answer, fields: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({
    id: String(token.body['id']),
    bucket: 'demo',
    key: String(token.body['key']),
    hash: 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ',
    fsize: '10',
    mimeType: 'image/png',
    width: '4',
    height: '3',
    endUser: String(policyOf(token.body['token'])['endUser']),
    ...fields,
  }).toString();
}
