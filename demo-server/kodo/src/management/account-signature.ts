import type { IncomingMessage } from 'node:http';
import { readText, type Exchange } from '../exchange.js';
import { canonicalName } from '../http/header-names.js';
import { KodoError } from '../kodo-error.js';
import { isEqual, sign } from '../policy/upload-token.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const OCTETS = 'application/octet-stream';

/** Prefix of the header names that a signature covers. */
const PREFIX = 'x-qiniu-';

/** Maximum size of a signed body, in bytes: a batch of a thousand operations on long keys. */
const MAX_BODY = 4 * 1024 * 1024;

/** Maximum difference between `X-Qiniu-Date` and the current time, in milliseconds. */
const MAX_SKEW = 15 * 60 * 1000;

/**
 * Reads the body of a call that must be signed by the account, in either scheme.
 *
 * Source: https://developer.qiniu.com/kodo/1201/access-token
 *
 * @throws {KodoError} 401 if the signature is invalid; 403 if its `X-Qiniu-Date` is too far from the current time
 */
export async function readSignedBody(exchange: Exchange): Promise<string> {
  const body = await readText(exchange.body, MAX_BODY);
  const [scheme, credential = ''] = (exchange.req.headers.authorization ?? '').split(' ');
  const { accessKey, secretKey } = exchange.services.keys;
  const [, signature = ''] = credential.split(':');
  const texts = scheme === 'QBox' ? qboxTexts(exchange, body) : scheme === 'Qiniu' ? qiniuTexts(exchange, body) : [];
  const isSigned = texts.some((text) => isEqual(signature, sign(secretKey, text)));
  if (!isSigned || credential !== `${accessKey}:${signature}`) throw new KodoError(401, 'bad token');
  if (scheme === 'Qiniu') checkDate(exchange.req.headers['x-qiniu-date'], exchange.services.now());
  return body;
}

function qboxTexts({ req, path, search }: Exchange, body: string): string[] {
  const signed = (req.headers['content-type'] ?? FORM) === FORM ? body : '';
  return targets(path, search).map((target) => `${target}\n${signed}`);
}

/**
 * The strings to sign, as the official SDKs build them. They differ in cases that do not occur with real hosts,
 * default ports and common types: a missing type, a port, an escaped path, a body that is neither form nor JSON.
 */
function qiniuTexts({ req, path, search }: Exchange, body: string): string[] {
  const { host = '', 'content-type': type } = req.headers;
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  // C# omits the port, Node (7.15.2) adds it twice.
  const hosts = port === '' ? [host] : [host, host.slice(0, -port.length), `${host}${port}`];
  const types = type === undefined ? [`\nContent-Type: ${FORM}`, ''] : [`\nContent-Type: ${type}`];
  const bodies = type === OCTETS ? [''] : (type ?? FORM) === FORM || type === JSON_TYPE ? [body] : [body, ''];
  const headers = qiniuHeaders(req);
  return targets(path, search).flatMap((target) =>
    hosts.flatMap((name) =>
      types.flatMap((line) =>
        headers.flatMap((lines) =>
          bodies.map((text) => `${req.method ?? ''} ${target}\nHost: ${name}${line}${lines}\n\n${text}`),
        ),
      ),
    ),
  );
}

/** Path and query as sent, and with the path unescaped, as Go and Java sign it. */
function targets(path: string, search: string): string[] {
  const query = search === '' ? '' : `?${search}`;
  const plain = unescaped(path);
  return plain === path ? [`${path}${query}`] : [`${path}${query}`, `${plain}${query}`];
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // not an escaped path
  }
}

/**
 * The canonical lines of the `X-Qiniu-…` headers that a signature covers. There are several forms: PHP sorts the
 * lines, the other SDKs the names, and for a header that is sent more than once Go signs the first value, Java the
 * last.
 */
function qiniuHeaders({ headersDistinct }: IncomingMessage): string[] {
  const headers = Object.entries(headersDistinct)
    .filter(([name]) => name.startsWith(PREFIX) && name.length > PREFIX.length)
    .map(([name, values = []]) => ({ name: canonicalName(name), values }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const texts = [0, -1].flatMap((at) => {
    const lines = headers.map(({ name, values }) => `\n${name}: ${values.at(at) ?? ''}`);
    return [lines.join(''), lines.toSorted().join('')];
  });
  return [...new Set(texts)];
}

/** Checks a date such as `20261126T190824Z`; does nothing if it is absent. @throws {KodoError} 403 */
function checkDate(header: string | string[] | undefined, now: number): void {
  if (header === undefined) return;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(header)) ?? [];
  const date = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // An invalid date is NaN, for which every comparison is false.
  if (!(Math.abs(date - now) <= MAX_SKEW)) throw new KodoError(403, 'request time is too skewed');
}
