import type { Answer, Exchange } from './exchange.js';
import { KodoError } from './kodo-error.js';

/** Seconds an answer may be kept. */
const TTL = 86_400;

/**
 * `GET /v2/query` and `GET /v4/query`: which hosts serve a bucket. Needs no token.
 * Source: https://github.com/qiniu/api-specs, storage/query_bucket_v2.yml and query_bucket_v4.yml
 */
export function queryRegion({ url, keys, settings, origin, entry }: Exchange): Answer {
  entry.kind = 'query';
  entry.bucket = url.searchParams.get('bucket') ?? '';
  if (url.searchParams.get('ak') !== keys.accessKey) throw new KodoError(612, 'no such entry');
  const { region = 'z0' } = settings.store.bucket(entry.bucket);
  const { host } = new URL(origin);
  if (url.pathname === '/v4/query') {
    const domains = { domains: [host] };
    const up = { domains: [host], old: [] };
    return {
      status: 200,
      body: { hosts: [{ region, ttl: TTL, up, io: domains, rs: domains, rsf: domains, api: domains, uc: domains }] },
    };
  }
  // Hosts carry no scheme: the client goes on with the one of its query.
  const group = { main: [host] };
  return { status: 200, body: { region, ttl: TTL, io: { src: group }, up: { acc: group, src: group } } };
}
