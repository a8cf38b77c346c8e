import type { IncomingMessage } from 'node:http';
import type { BucketStore } from '../store/bucket-store.js';

/** Where the objects of a bucket are served on every host: this prefix, the bucket, the key. */
export const DOWNLOAD_PREFIX = '/-/';

/**
 * The path under which a request for an object on a bucket's own domain is served; nothing for other requests.
 *
 * The domains of a bucket are those it was given, `<bucket>.localhost`, and the source domain that the real service
 * gives each bucket, `<bucket>.kodo-<region>.qiniucs.com`.
 */
export function downloadPath({ method = '', headers }: IncomingMessage, path: string, buckets: BucketStore) {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(method)) return undefined;
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const own = /^([a-z\d-]+)\.(?:localhost|kodo-(?!accelerate\.)[a-z\d-]+\.qiniucs\.com)$/.exec(name)?.[1];
  const bucket = buckets.findByDomain(host) ?? buckets.findByDomain(name) ?? buckets.find(own ?? '');
  return bucket === undefined ? undefined : `${DOWNLOAD_PREFIX}${encodeURIComponent(bucket.name)}${path}`;
}
