import type { Answer, Exchange } from './exchange.js';
import { KodoError } from './kodo-error.js';

/** Seconds an answer may be kept. */
const TTL = 86_400;

/** https://developer.qiniu.com/kodo/4088/s3-access-domainname */
const S3_NAMES: Readonly<Record<string, string>> = {
  z0: 'cn-east-1',
  z1: 'cn-north-1',
  z2: 'cn-south-1',
  na0: 'us-north-1',
  as0: 'ap-southeast-1',
};

/** Which of Kodo's ports serves which region; without regions every port serves all. */
export class Regions {
  readonly #ports = new Map<string, number>();

  /** Says that a port serves a region, and no other. */
  set(region: string, port: number): void {
    this.#ports.set(region, port);
  }

  portOf(region: string): number | undefined {
    return this.#ports.get(region);
  }

  /** Host and port that serve a region, as the client of this request can reach them. */
  hostOf(region: string, { origin }: Exchange): string {
    const { host, hostname } = new URL(origin);
    const port = this.#ports.get(region);
    if (port !== undefined) return `${hostname}:${port}`;
    return this.#ports.size === 0 ? host : `up-${region}.qiniup.com`;
  }

  /**
   * Checks that a bucket of this region may be reached where this request came in.
   *
   * @throws {KodoError} 400 naming the right host
   */
  check(exchange: Exchange, bucket: string, region: string): void {
    const port = this.#ports.get(region);
    if (this.#ports.size === 0 || port === exchange.req.socket.localPort) return;
    throw new KodoError(400, `incorrect region, please use ${this.hostOf(region, exchange)}, bucket is: ${bucket}`);
  }
}

/**
 * `GET /v2/query` and `GET /v4/query`: which hosts serve a bucket. Needs no token.
 * Source: https://github.com/qiniu/api-specs, storage/query_bucket_v2.yml and query_bucket_v4.yml
 */
export function queryRegion(exchange: Exchange): Answer {
  const { path, query, services, entry } = exchange;
  entry.bucket = query.get('bucket') ?? '';
  if (query.get('ak') !== services.keys.accessKey) throw new KodoError(612, 'no such entry');
  const { region = 'z0' } = services.store.bucket(entry.bucket);
  const host = services.regions.hostOf(region, exchange);
  if (path === '/v4/query') {
    const domains = { domains: [host] };
    const up = { domains: [host], old: [] };
    const manage = { rs: domains, rsf: domains, api: domains, uc: domains };
    // There is no S3 here, but the official Node SDK wants its name.
    const s3 = { region_alias: S3_NAMES[region] ?? region, domains: [] };
    return {
      status: 200,
      body: { hosts: [{ region, ttl: TTL, up, io: domains, io_src: { domains: [] }, ...manage, s3 }] },
    };
  }
  // Hosts carry no scheme: the client goes on with the one of its query.
  const group = { main: [host], backup: [] };
  const manage = { acc: group };
  return {
    status: 200,
    body: {
      region,
      ttl: TTL,
      io: { src: group },
      up: { acc: group, src: group },
      uc: manage,
      rs: manage,
      rsf: manage,
      api: manage,
    },
  };
}
