import type { IncomingHttpHeaders } from 'node:http';
import { readText, type Answer, type Exchange } from './exchange.js';
import { KodoError } from './kodo-error.js';
import { parseEntry } from './upload/object-path.js';
import type { KodoObject } from './store/object-store.js';
import { isEqual, sign } from './policy/upload-token.js';

const FORM = 'application/x-www-form-urlencoded';
/** Most bytes of a body that a signature covers. */
const MAX_BODY = 1024 * 1024;
/** Kodo counts in units of 100 nanoseconds. */
const UNITS_PER_MILLISECOND = 10_000;

/**
 * `GET` or `POST /stat/<entry>`: what an object is.
 * Source: https://developer.qiniu.com/kodo/1308/stat
 */
export async function stat(exchange: Exchange): Promise<Answer> {
  const object = await findObject(exchange);
  const { fsize, hash, mimeType, putTime, fileType = 0, endUser, expireAt, metadata } = object;
  const meta = Object.entries(metadata).map(([name, value]) => [name.slice('x-qn-meta-'.length), value]);
  return {
    status: 200,
    body: {
      fsize,
      hash,
      mimeType,
      putTime: putTime * UNITS_PER_MILLISECOND,
      type: fileType,
      ...(endUser === undefined ? {} : { endUser }),
      ...(expireAt === undefined ? {} : { expiration: expireAt / 1000 }),
      ...(meta.length === 0 ? {} : { 'x-qn-meta': Object.fromEntries(meta) as Record<string, string> }),
    },
  };
}

/** `POST /delete/<entry>`. Source: https://developer.qiniu.com/kodo/1257/delete */
export async function remove(exchange: Exchange): Promise<Answer> {
  const { bucket, key } = await findObject(exchange);
  await exchange.services.store.delete(bucket, key);
  return { status: 200, body: '' };
}

/** @throws {KodoError} 400, 401, 612 or 631 */
async function findObject(exchange: Exchange): Promise<KodoObject> {
  const { services, path, body } = exchange;
  const text = await readText(body, MAX_BODY);
  if (!isAuthorized(exchange, text)) throw new KodoError(401, 'bad token');
  const { bucket, key } = parseEntry(path.split('/')[2] ?? '');
  services.store.bucket(bucket);
  const object = services.store.get(bucket, key);
  if (object === undefined) throw new KodoError(612, 'no such file or directory');
  return object;
}

/**
 * Whether a management call is signed by the account, in either scheme.
 * Source: https://developer.qiniu.com/kodo/1201/access-token
 */
function isAuthorized({ req, path, search, services }: Exchange, body: string): boolean {
  const [scheme, credential = ''] = (req.headers.authorization ?? '').split(' ');
  const { accessKey, secretKey } = services.keys;
  const [, signature = ''] = credential.split(':');
  if (credential !== `${accessKey}:${signature}`) return false;
  const target = search === '' ? path : `${path}?${search}`;
  const type = req.headers['content-type'] ?? FORM;
  const isSigned = (data: string): boolean => isEqual(signature, sign(secretKey, data));
  if (scheme === 'QBox') return isSigned(`${target}\n${type === FORM ? body : ''}`);
  if (scheme !== 'Qiniu') return false;
  const { host = '' } = req.headers;
  const signed = type === 'application/octet-stream' ? '' : body;
  const dataFor = (name: string): string =>
    `${req.method ?? ''} ${target}\nHost: ${name}\nContent-Type: ${type}${qiniuHeaders(req.headers)}\n\n${signed}`;
  // The official Node SDK (7.15.2) names a port twice, which the real Kodo, at its own port, never sees.
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  return isSigned(dataFor(host)) || isSigned(dataFor(`${host}${port}`));
}

/** The headers that the signature covers: `X-Qiniu-…`, sorted, in canonical writing. */
function qiniuHeaders(headers: IncomingHttpHeaders): string {
  const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return Object.entries(headers)
    .filter(([name]) => name.startsWith('x-qiniu-') && name.length > 'x-qiniu-'.length)
    .map(([name, value]) => `\n${canonical(name)}: ${String(value)}`)
    .sort()
    .join('');
}
