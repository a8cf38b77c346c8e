import { createHmac } from 'node:crypto';
import { replyOf, type Reply } from './kodo-client.js';

/** Where a management call goes, and who signs it. */
export interface Account {
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export const entry = (bucket: string, key?: string): string => base64(key === undefined ? bucket : `${bucket}:${key}`);

export const base64 = (text: string): string =>
  Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_');

/** A call that the account signs, in the scheme that covers everything. */
export async function manage(
  { origin, accessKey, secretKey }: Account,
  path: string,
  { method = 'POST', body = '', type = 'application/x-www-form-urlencoded', headers = {} } = {},
): Promise<Reply> {
  const text = `${method} ${path}\nHost: ${new URL(origin).host}\nContent-Type: ${type}\n\n${body}`;
  const signature = base64Of(createHmac('sha1', secretKey).update(text).digest());
  const authorization = `Qiniu ${accessKey}:${signature}`;
  const init = { method, headers: { authorization, 'content-type': type, ...headers } };
  return replyOf(await fetch(`${origin}${path}`, body === '' ? init : { ...init, body }));
}

function base64Of(data: Buffer): string {
  return data.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
