import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { BucketState } from '../store/bucket-store.js';
import { isServiceName, s3NameOf } from './service-names.js';

/** Seconds an answer may be kept. */
const TTL = 86_400;

/** What an answer to a region query is made of. Hosts have no scheme: the client keeps the one of its query. */
interface RegionHosts {
  readonly region: string;
  /** The hosts that serve everything. */
  readonly hosts: readonly string[];
  readonly acceleration?: readonly string[];
  /** Hosts that serve one bucket's objects. */
  readonly source?: readonly string[];
}

/**
 * `/v1/query` to `/v4/query`: which hosts serve a bucket. Needs no token. All but one of the official SDKs ask by GET.
 *
 * Source: https://github.com/qiniu/api-specs, storage/query_bucket_v2.yml and query_bucket_v4.yml; versions 1 and 3 as
 * the official SDKs for Python (7.10) and Java (7.17) read them.
 */
export function queryRegion(exchange: Exchange): Answer {
  const { path, query, services, entry } = exchange;
  entry.bucket = query.get('bucket') ?? '';
  if (query.get('ak') !== services.keys.accessKey) throw new KodoError(612, 'no such entry');
  const hosts = hostsOf(exchange, services.buckets.require(entry.bucket));
  switch (path) {
    case '/v1/query':
      return { status: 200, body: versionOne(hosts) };
    case '/v3/query':
      return { status: 200, body: { hosts: [{ ...versionTwo(hosts), io_src: { src: group(hosts.source ?? []) } }] } };
    case '/v4/query':
      return { status: 200, body: { hosts: [describeRegion(hosts)] } };
    default:
      return { status: 200, body: versionTwo(hosts) };
  }
}

function hostsOf(exchange: Exchange, bucket: BucketState): RegionHosts {
  const { regions } = exchange.services;
  const host = regions.hostOf(bucket.region, exchange);
  const acceleration = regions.accelerationHostOf(bucket, exchange);
  return {
    region: bucket.region,
    hosts: [host],
    acceleration: acceleration === undefined ? [] : [acceleration],
    source: sourceDomainsOf(bucket, host),
  };
}

/**
 * Hosts that serve a bucket's objects: its own domains, else the service's name for a client that uses such names, else
 * a name that means this machine.
 */
export function sourceDomainsOf({ name, region, domains }: BucketState, host: string): readonly string[] {
  if (domains.length > 0) return domains;
  if (isServiceName(host)) return [`${name}.kodo-${s3NameOf(region)}.qiniucs.com`];
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  return /^[a-z\d-]+$/.test(name) ? [`${name}.localhost${port}`] : [];
}

function versionOne({ hosts }: RegionHosts): object {
  const urls = (scheme: string): object => {
    const all = hosts.map((host) => `${scheme}://${host}`);
    // Old SDKs take the second upload host as their backup without looking whether there is one.
    return { io: all, up: [...all, ...all] };
  };
  return { ttl: TTL, http: urls('http'), https: urls('https') };
}

function versionTwo({ region, hosts, acceleration = [] }: RegionHosts): object {
  const own = group(hosts);
  const up = { ...(acceleration.length === 0 ? {} : { bucket_acc: group(acceleration) }), acc: own, src: own };
  const manage = { acc: own };
  return { region, ttl: TTL, io: { src: own }, up, uc: manage, rs: manage, rsf: manage, api: manage };
}

/** A region's hosts as version 4 answers them. */
export function describeRegion({ region, hosts, acceleration = [], source = [] }: RegionHosts) {
  const domains = { domains: hosts };
  const up = { ...(acceleration.length === 0 ? {} : { acc_domains: acceleration }), domains: hosts, old: [] };
  const manage = { rs: domains, rsf: domains, api: domains, uc: domains };
  // There is no S3 here, but the official Node SDK needs its name.
  const s3 = { region_alias: s3NameOf(region), domains: [] };
  return { region, ttl: TTL, up, io: domains, io_src: { domains: source }, ...manage, s3 };
}

function group(hosts: readonly string[]): object {
  return { main: hosts, backup: [] };
}
