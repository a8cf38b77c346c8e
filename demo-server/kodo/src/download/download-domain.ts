import type { IncomingMessage } from 'node:http';
import type { BucketStore } from '../store/bucket-store.js';

/** Path prefix for downloads on any host, followed by the bucket and the key. */
export const DOWNLOAD_PREFIX = '/-/';

/**
 * Maps a request on a bucket's own domain to its download path; `undefined` for other requests.
 *
 * A bucket's domains are the configured ones, `<bucket>.localhost`, and the source domain that the real service
 * assigns to each bucket, `<bucket>.kodo-<region>.qiniucs.com`.
 */
export function downloadPath({ method = '', headers }: IncomingMessage, path: string, buckets: BucketStore) {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(method)) return undefined;
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const own = /^([a-z\d-]+)\.(?:localhost|kodo-(?!accelerate\.)[a-z\d-]+\.qiniucs\.com)$/.exec(name)?.[1];
  const bucket = buckets.findByDomain(host) ?? buckets.findByDomain(name) ?? buckets.find(own ?? '');
  return bucket === undefined ? undefined : `${DOWNLOAD_PREFIX}${encodeURIComponent(bucket.name)}${path}`;
}
