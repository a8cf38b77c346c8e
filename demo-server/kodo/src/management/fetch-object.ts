import { openContent } from '../media/content.js';
import { mimeTypeOf } from '../media/mime.js';
import type { Answer, Exchange, Services } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { KodoObject } from '../store/object-store.js';
import { decodeSegment, parseEntry } from '../text/object-path.js';
import { readOptions } from '../text/path-fields.js';
import { readSignedBody } from './account-signature.js';
import { downloadUrl } from './download-url.js';

/** Dependencies of `fetch` and related calls. */
export type FetchServices = Pick<Services, 'store' | 'buckets' | 'now' | 'outbound' | 'closing'>;

/** Source and destination of a fetch. */
export interface FetchOrder {
  readonly url: string;
  /** Value of the `Host` header, if it differs from the URL's host. */
  readonly host: string | undefined;
  readonly bucket: string;
  /** Absent to use the content's hash. */
  readonly key: string | undefined;
  readonly fileType?: number;
  /** Rejects content whose hash or hexadecimal MD5 differs. */
  readonly etag?: string | undefined;
  readonly md5?: string | undefined;
}

/**
 * `POST /fetch/<url>[/to/<entry>][/host/<host>]`: stores the content of a URL.
 * Source: https://developer.qiniu.com/kodo/1263/fetch
 */
export async function fetchObject(exchange: Exchange): Promise<Answer> {
  await readSignedBody(exchange);
  const { path, services, entry } = exchange;
  const [, , source, ...rest] = path.split('/');
  const options = readOptions(rest);
  const { bucket, key } = parseEntry(options.get('to') ?? '!');
  Object.assign(entry, { bucket, key });
  const host = options.has('host') ? decodeSegment(options.get('host')) : undefined;
  const object = await storeFetched({ url: decodeSegment(source), host, bucket, key: key || undefined }, services);
  return { status: 200, body: answerOf(object) };
}

/**
 * `POST /prefetch/<entry>`: fetches an object from the bucket's mirror source. Without a source, returns the object
 * if it already exists.
 *
 * Source: https://developer.qiniu.com/kodo/1293/prefetch
 */
export async function prefetchObject(exchange: Exchange): Promise<Answer> {
  await readSignedBody(exchange);
  const { path, services } = exchange;
  const { bucket, key } = parseEntry(path.split('/')[2] ?? '!');
  if (key === undefined) throw new KodoError(631, 'no such bucket');
  const { image } = services.buckets.require(bucket).settings;
  if (image === undefined) {
    const stored = services.store.get(bucket, key);
    if (stored === undefined) throw new KodoError(404, 'Document not found');
    return { status: 200, body: answerOf(stored) };
  }
  const [source = ''] = image.url.split(';');
  const url = `${source.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return { status: 200, body: answerOf(await storeFetched({ url, host: image.host, bucket, key }, services)) };
}

/** Downloads and stores. @throws {KodoError} 400, 403, 404, 406, 478 or 631 */
export async function storeFetched(order: FetchOrder, services: FetchServices): Promise<KodoObject> {
  const { store, buckets, now, outbound, closing } = services;
  buckets.require(order.bucket);
  const { blob, type } = await downloadUrl(order.url, order.host, { outbound, blobs: store.blobs, closing });
  try {
    const { etag, md5, size, file } = blob;
    const isOther = (order.etag !== undefined && order.etag !== etag) || (order.md5 !== undefined && order.md5 !== md5);
    if (isOther) throw new KodoError(406, 'hash check error');
    const key = order.key ?? etag;
    const content = await openContent(store.blobs, [blob]);
    const fname = nameIn(order.url);
    const mimeType = await mimeTypeOf({ detectMime: 0, clientType: type, fname, key, ...content });
    const { bucket, fileType = 0 } = order;
    const object = { bucket, key, hash: etag, fsize: size, md5, mimeType, putTime: now(), fileType, metadata: {} };
    const stored: KodoObject = { ...object, files: [{ file, size }] };
    await store.put(stored, false);
    return stored;
  } catch (error) {
    await store.blobs.remove([blob]);
    throw error;
  }
}

/** The file name at the end of a URL's path. */
function nameIn(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // not valid percent-encoding: kept as is
  }
}

function answerOf({ fsize, hash, key, mimeType }: KodoObject): object {
  return { fsize, hash, key, mimeType };
}
