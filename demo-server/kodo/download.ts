import { pipeline } from 'node:stream/promises';
import type { Exchange } from './exchange.js';
import { KodoError } from './kodo-error.js';

/** Where the objects of a bucket are served: this prefix, the bucket, the key. */
export const DOWNLOAD_PREFIX = '/-/';

const YEAR = 31_536_000;

/** `GET /-/<bucket>/<key>`: an object's bytes, whole or a range of them. Writes the answer itself. */
export async function download(exchange: Exchange): Promise<void> {
  const { req, res, url, entry, settings } = exchange;
  entry.kind = 'download';
  if (req.method !== 'GET' && req.method !== 'HEAD') throw new KodoError(405, 'method not allowed');
  const [, bucket = '', ...segments] = url.pathname.slice(1).split('/');
  const key = decodeKey(segments.join('/'));
  entry.bucket = bucket;
  entry.key = key;
  const object = settings.store.get(bucket, key);
  if (object === undefined) throw new KodoError(404, 'Document not found');
  const etag = `"${object.hash}"`;
  const attname = url.searchParams.get('attname');
  res.setHeader('etag', etag);
  res.setHeader('accept-ranges', 'bytes');
  res.setHeader('last-modified', new Date(object.putTime).toUTCString());
  res.setHeader('cache-control', `public, max-age=${YEAR}`);
  res.setHeader('x-svr', 'IO');
  res.setHeader('x-content-type-options', 'nosniff');
  const name = encodeURIComponent(attname ?? key.split('/').at(-1) ?? '');
  res.setHeader('content-disposition', `${attname === null ? 'inline' : 'attachment'}; filename*=utf-8''${name}`);
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304).end();
    return;
  }
  const range = readRange(req.headers.range, object.fsize);
  if (range === 'unsatisfiable') {
    res.setHeader('content-range', `bytes */${object.fsize}`);
    throw new KodoError(416, 'range not satisfiable');
  }
  const { start, end } = range ?? { start: 0, end: object.fsize - 1 };
  res.setHeader('content-type', object.mimeType);
  res.setHeader('content-length', end - start + 1);
  if (range !== undefined) res.setHeader('content-range', `bytes ${start}-${end}/${object.fsize}`);
  res.writeHead(range === undefined ? 200 : 206);
  if (req.method === 'HEAD') res.end();
  else await pipeline(settings.store.read(object, start, end), res);
}

function decodeKey(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new KodoError(400, 'invalid argument');
  }
}

/** The one range a request asks for; several ranges are answered as if none were asked for. */
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
