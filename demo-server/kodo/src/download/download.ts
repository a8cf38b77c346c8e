import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkDownloadToken, signedSearch } from './download-token.js';
import { DOWNLOAD_PREFIX } from './download-domain.js';
import { findNamed } from './image-style.js';
import { EtagHash } from '../store/etag.js';
import type { Exchange, Services } from '../exchange.js';
import { processObject } from './image-processing.js';
import { KodoError } from '../kodo-error.js';
import { toHeader } from '../upload/object-metadata.js';
import type { KodoObject } from '../store/object-store.js';
import { decodePath } from '../text/object-path.js';
import { canonicalHeaders } from '../http/header-names.js';
import { isArchived, restoreStatusOf } from '../management/object-facts.js';

const YEAR = 31_536_000;

/**
 * `GET /-/<bucket>/<key>`: an object's bytes, whole or a range of them, or the result of a processing query such as
 * `?imageView2/…`. Writes the response itself.
 */
export async function download(exchange: Exchange): Promise<undefined> {
  const { path, entry, services, res } = exchange;
  describeDownload(res);
  const { bucket, key } = parseDownloadPath(path);
  entry.bucket = bucket;
  entry.key = key;
  const state = services.buckets.find(bucket);
  if (state?.private === true) checkDownloadToken(exchange);
  const named = state === undefined ? undefined : findNamed(state, key, services.store);
  if (named === undefined) throw new KodoError(404, 'Document not found');
  const { object, style } = named;
  checkReadable(object, services);
  const search = signedSearch(exchange.search);
  const processed = await processObject(object, style ?? search, services);
  const attname = new URLSearchParams(search).get('attname') ?? undefined;
  if (processed === undefined) {
    const headers = { 'content-type': object.mimeType, ...headersOf(object, object.hash, attname) };
    await send(exchange, headers, object.fsize, (start, end) => services.store.read(object, start, end));
    return undefined;
  }
  const { data, mimeType } = processed;
  const hash = new EtagHash().update(data).digest();
  const headers = { ...headersOf(object, hash, attname), 'content-type': mimeType };
  await send(exchange, headers, data.length, (start, end) => Readable.from([data.subarray(start, end + 1)]));
  return undefined;
}

/** Headers in which a download, or its error, differs from an upload's response, as recorded. */
function describeDownload(res: ServerResponse): void {
  res.setHeader('X-Svr', 'IO');
  res.removeHeader('pragma');
  if (res.hasHeader('access-control-allow-origin')) res.setHeader('Access-Control-Max-Age', '2592000');
}

/** Parses the bucket and the key from a download path. @throws {KodoError} 400 */
export function parseDownloadPath(path: string): { readonly bucket: string; readonly key: string } {
  const [bucket = '', ...segments] = path.slice(DOWNLOAD_PREFIX.length).split('/');
  return { bucket: decodePath(bucket), key: decodePath(segments.join('/')) };
}

async function send(
  { req, res, effect }: Exchange,
  headers: Readonly<Record<string, string>>,
  size: number,
  read: (start: number, end: number) => Readable,
): Promise<void> {
  const range = readRange(req.headers.range, size);
  if (range === 'unsatisfiable') {
    res.setHeader('Content-Range', `bytes */${size}`);
    throw new KodoError(416, 'range not satisfiable');
  }
  if (req.headers['if-none-match'] === headers['etag']) {
    res.writeHead(304, canonicalHeaders({ ...headers, ...effect.headers })).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const own = {
    ...headers,
    'content-length': end - start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
    ...effect.headers,
  };
  res.writeHead(range === undefined ? 200 : 206, canonicalHeaders(own));
  if (req.method === 'HEAD') res.end();
  else await pipeline(read(start, end), res);
}

/** Headers of a download, as recorded; headers set at upload take precedence, and the query's override both. */
function headersOf(object: KodoObject, hash: string, attname: string | undefined): Record<string, string> {
  const name = attname || (object.key.split('/').at(-1) ?? '');
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  const disposition = (type: string): Record<string, string> => ({
    'content-disposition': `${type}; filename="${plain}"; filename*=utf-8''${encoded}`,
  });
  const own = Object.entries({ ...object.headers, ...plainHeaders(object) }).map(([field, text]) => [
    field,
    toHeader(text),
  ]);
  return {
    etag: `"${hash}"`,
    'accept-ranges': 'bytes',
    'last-modified': new Date(object.putTime).toUTCString(),
    'cache-control': `public, max-age=${YEAR}`,
    ...disposition('inline'),
    ...(Object.fromEntries(own) as Record<string, string>),
    ...(attname === undefined ? {} : disposition('attachment')),
  };
}

/** Transfer headers, which metadata cannot override. */
const TRANSFER = [
  'content-length',
  'content-range',
  'transfer-encoding',
  'connection',
  'accept-ranges',
  'etag',
  'date',
];

/** Converts metadata to headers: `x-qn-meta-!Name` sets the header `Name`. */
function plainHeaders({ metadata }: KodoObject): Record<string, string> {
  const headers = Object.entries(metadata).map(([name, value]): [string, string] => {
    const plain = name.slice('x-qn-meta-!'.length).toLowerCase();
    const isPlain = name.startsWith('x-qn-meta-!') && !TRANSFER.includes(plain);
    return [isPlain ? plain : name.toLowerCase().replace('!', ''), value];
  });
  return Object.fromEntries(headers);
}

/** @throws {KodoError} 403 if the object is disabled, or archived and not restored */
function checkReadable(object: KodoObject, { now, restoreTime }: Services): void {
  if (object.disabled === true) throw new KodoError(403, 'file is disabled');
  if (isArchived(object) && restoreStatusOf(object, { now: now(), restoreTime }) !== 2) {
    throw new KodoError(403, 'file is archived: restore it first');
  }
}

/** The single range that a request asks for; multiple ranges are ignored. */
function readRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}
