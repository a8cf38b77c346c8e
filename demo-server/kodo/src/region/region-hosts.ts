import type { Exchange } from '../exchange.js';
import type { BucketState } from '../store/bucket-store.js';
import { isServiceName, s3NameOf } from './service-names.js';

/** The hosts of a region, by purpose. They have no scheme: clients use the scheme of their query. */
export interface RegionHosts {
  /** Accelerated upload hosts (CDN). */
  readonly accUp: readonly string[];
  /** Upload hosts of the source. */
  readonly srcUp: readonly string[];
  /** Upload hosts for old devices; may be empty. */
  readonly oldUp: readonly string[];
  readonly io: string;
  readonly rs: string;
  readonly rsf: string;
  readonly api: string;
  readonly uc: string;
}

/**
 * The hosts of a region for the client of a request. Clients that reach Kodo by one of the service's own names, which
 * requires a DNS override, get the service's names; all others get the address that they used.
 */
export function hostsOf(region: string, exchange: Exchange): RegionHosts {
  const { regions } = exchange.services;
  const { hostname } = new URL(exchange.origin);
  if (isServiceName(hostname) && !regions.haveOwnPorts) return serviceHosts(region);
  const host = regions.hostOf(region, exchange);
  return { accUp: [host], srcUp: [host], oldUp: [], io: host, rs: host, rsf: host, api: host, uc: host };
}

/** The service's host names, as recorded for `z0` and `z2`; other regions follow the same pattern. */
function serviceHosts(region: string): RegionHosts {
  const suffix = region === 'z0' ? '' : `-${region}`;
  return {
    accUp: [`upload${suffix}.qiniup.com`],
    srcUp: [`up${suffix}.qiniup.com`],
    oldUp: [`upload${suffix}.qbox.me`, `up${suffix}.qbox.me`],
    io: `iovip${suffix}.qbox.me`,
    rs: `rs-${region}.qbox.me`,
    rsf: `rsf-${region}.qbox.me`,
    api: `api${suffix}.qiniu.com`,
    uc: 'uc.qbox.me',
  };
}

/** A bucket's download hosts: its own domains, otherwise its source domain. */
export function domainsOf(bucket: BucketState, exchange: Exchange): readonly string[] {
  return bucket.domains.length > 0 ? bucket.domains : sourceOf(bucket, exchange);
}

/** A bucket's source domain: the service's name for clients that use the service's names, otherwise a local name. */
export function sourceOf({ name, region }: BucketState, { origin }: Exchange): readonly string[] {
  const { hostname, port } = new URL(origin);
  if (isServiceName(hostname)) return [`${name}.kodo-${s3NameOf(region)}.qiniucs.com`];
  return /^[a-z\d-]+$/.test(name) ? [`${name}.localhost${port === '' ? '' : `:${port}`}`] : [];
}
