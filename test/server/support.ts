import assert from 'node:assert/strict';
import { callbackAuthorization, type CallbackScheme } from '../../demo-server/kodo/callback.js';
import type { Demo } from '../../demo-server/start-demo.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function answerOf(response: Response): Promise<Answer> {
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

/** Asks the token route. */
export async function askToken(demo: Demo, file: Readonly<Record<string, unknown>>, query = ''): Promise<Answer> {
  return answerOf(
    await fetch(`${demo.origin}/api/uploads/token${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(file),
    }),
  );
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
  demo: Demo,
  body: string,
  spoil: {
    scheme?: CallbackScheme;
    secretKey?: string;
    contentType?: string;
    authorization?: string;
    sent?: string;
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
      { url, host: undefined, contentType, body, reqid: '' },
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
    ...fields,
  }).toString();
}
