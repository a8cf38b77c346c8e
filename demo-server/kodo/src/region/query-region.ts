import type { Socket } from 'node:net';
import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { BucketState } from '../store/bucket-store.js';
import { hostsOf, sourceOf, type RegionHosts } from './region-hosts.js';
import { s3NameOf } from './service-names.js';

/** Seconds for which a response may be cached. */
const TTL = 86_400;

/** A region's hosts, plus the hosts of one bucket. */
interface BucketHosts extends RegionHosts {
  readonly region: string;
  readonly acceleration: readonly string[];
  /** Hosts that serve the bucket's objects. */
  readonly source: readonly string[];
}

/**
 * `/v1/query` to `/v4/query`: the hosts that serve a bucket. Needs no token. All official SDKs but one use GET.
 *
 * Source: https://github.com/qiniu/api-specs, storage/query_bucket_v2.yml and query_bucket_v4.yml; versions 1 and 3 as
 * the official Python (7.10) and Java (7.17) SDKs parse them.
 */
export function queryRegion(exchange: Exchange): Answer {
  const { path, query, services, entry } = exchange;
  entry.bucket = query.get('bucket') ?? '';
  if (query.get('ak') !== services.keys.accessKey) throw new KodoError(612, 'no such entry');
  const hosts = bucketHostsOf(exchange, services.buckets.require(entry.bucket));
  switch (path) {
    case '/v1/query':
      return { status: 200, body: versionOne(hosts, exchange.req.socket) };
    case '/v3/query':
      return { status: 200, body: { hosts: [versionTwo(hosts)] } };
    case '/v4/query':
      return { status: 200, body: { hosts: [describeRegion(hosts)] } };
    default:
      return { status: 200, body: versionTwo(hosts) };
  }
}

function bucketHostsOf(exchange: Exchange, bucket: BucketState): BucketHosts {
  const acceleration = exchange.services.regions.accelerationHostOf(bucket, exchange);
  return {
    ...hostsOf(bucket.region, exchange),
    region: bucket.region,
    acceleration: acceleration === undefined ? [] : [acceleration],
    source: sourceOf(bucket, exchange),
  };
}

/** Upload hosts: source, accelerated, and past DNS. Old SDKs read each without checking that it exists. */
function versionOne({ accUp, srcUp, io }: BucketHosts, { localAddress = '', localPort = 80 }: Socket): object {
  const urls = (scheme: string): object => {
    const up = [...srcUp, ...accUp];
    const pastDns = `-H ${up[0] ?? ''} ${scheme}://${localAddress}${localPort === 80 ? '' : `:${localPort}`}`;
    return { io: [`${scheme}://${io}`], up: [...up.map((host) => `${scheme}://${host}`), pastDns] };
  };
  return { ttl: TTL, http: urls('http'), https: urls('https') };
}

function versionTwo(hosts: BucketHosts): object {
  const { region, acceleration, accUp, srcUp, oldUp } = hosts;
  const [oldAcc, oldSrc] = oldUp;
  const up = {
    ...(acceleration.length === 0 ? {} : { bucket_acc: group(acceleration) }),
    acc: group(accUp),
    src: group(srcUp),
    ...(oldAcc === undefined ? {} : { old_acc: { main: [oldAcc], info: 'compatible to non-SNI device' } }),
    ...(oldSrc === undefined ? {} : { old_src: { main: [oldSrc], info: 'compatible to non-SNI device' } }),
  };
  const manage = (host: string): object => ({ acc: group([host]) });
  const { io, source, uc, rs, rsf, api } = hosts;
  return {
    ...{ region, ttl: TTL, io: { src: group([io]) }, io_src: { src: group(source) }, up },
    ...{ uc: manage(uc), rs: manage(rs), rsf: manage(rsf), api: manage(api) },
  };
}

/** A region's hosts in the format of version 4. */
export function describeRegion(hosts: RegionHosts & { readonly region: string } & Partial<BucketHosts>) {
  const { region, acceleration = [], source = [], oldUp } = hosts;
  // A host that serves everything is listed once.
  const upload = [...new Set([...hosts.accUp, ...hosts.srcUp])];
  const only = (host: string): object => ({ domains: [host] });
  return {
    region,
    ttl: TTL,
    up: { ...(acceleration.length === 0 ? {} : { acc_domains: acceleration }), domains: upload, old: oldUp },
    io: only(hosts.io),
    io_src: { domains: source },
    rs: only(hosts.rs),
    rsf: only(hosts.rsf),
    api: only(hosts.api),
    uc: only(hosts.uc),
    // There is no S3 here, but the official Node SDK requires a name.
    s3: { region_alias: s3NameOf(region), domains: [] },
  };
}

function group(hosts: readonly string[]): object {
  return { main: hosts, backup: [] };
}
