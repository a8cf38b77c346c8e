import { pipeline } from 'node:stream/promises';
import type { Exchange } from './exchange.js';
import { KodoError } from './kodo-error.js';
import type { KodoObject } from './object-store.js';
import { decodePath } from './object-path.js';

/** Where the objects of a bucket are served: this prefix, the bucket, the key. */
export const DOWNLOAD_PREFIX = '/-/';

const YEAR = 31_536_000;

/** `GET /-/<bucket>/<key>`: an object's bytes, whole or a range of them. Writes the answer itself. */
export async function download(exchange: Exchange): Promise<undefined> {
  const { req, res, path, query, entry, effect, services } = exchange;
  const [bucket = '', ...segments] = path.slice(DOWNLOAD_PREFIX.length).split('/');
  const key = decodePath(segments.join('/'));
  entry.bucket = bucket;
  entry.key = key;
  const object = services.store.get(bucket, key);
  if (object === undefined) throw new KodoError(404, 'Document not found');
  const range = readRange(req.headers.range, object.fsize);
  if (range === 'unsatisfiable') {
    res.setHeader('content-range', `bytes */${object.fsize}`);
    throw new KodoError(416, 'range not satisfiable');
  }
  const headers = headersOf(object, query.get('attname') ?? undefined);
  const { etag } = headers;
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304, { ...headers, ...effect.headers }).end();
    return undefined;
  }
  const { start, end } = range ?? { start: 0, end: object.fsize - 1 };
  res.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': end - start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${object.fsize}` }),
    ...effect.headers,
  });
  if (req.method === 'HEAD') res.end();
  else await pipeline(services.store.read(object, start, end), res);
  return undefined;
}

/** Headers of a download, as recorded; those the upload asked for come last. */
function headersOf(
  object: KodoObject,
  attname: string | undefined,
): Record<string, string> & { readonly etag: string } {
  const name = attname ?? object.key.split('/').at(-1) ?? '';
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  const disposition = attname === undefined ? 'inline' : 'attachment';
  return {
    etag: `"${object.hash}"`,
    'accept-ranges': 'bytes',
    'last-modified': new Date(object.putTime).toUTCString(),
    'cache-control': `public, max-age=${YEAR}`,
    'content-type': object.mimeType,
    'content-disposition': `${disposition}; filename="${plain}"; filename*=utf-8''${encoded}`,
    'x-svr': 'IO',
    ...object.headers,
    ...object.metadata,
  };
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
