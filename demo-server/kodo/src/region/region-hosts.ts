import type { Exchange } from '../exchange.js';
import type { BucketState } from '../store/bucket-store.js';
import { isServiceName, s3NameOf } from './service-names.js';

/** The hosts of a region, by what they serve. They have no scheme: a client keeps the one of its query. */
export interface RegionHosts {
  /** Uploads, accelerated by the content network. */
  readonly accUp: readonly string[];
  /** Uploads to the source. */
  readonly srcUp: readonly string[];
  /** Names for uploads that old devices can use; there may be none. */
  readonly oldUp: readonly string[];
  readonly io: string;
  readonly rs: string;
  readonly rsf: string;
  readonly api: string;
  readonly uc: string;
}

/**
 * The hosts of a region for the client of a request. Clients that reach Kodo by one of the service's own names, as DNS
 * can be made to lead them here, get the service's names; all others get the address that they used.
 */
export function hostsOf(region: string, exchange: Exchange): RegionHosts {
  const { regions } = exchange.services;
  const { hostname } = new URL(exchange.origin);
  if (isServiceName(hostname) && !regions.haveOwnPorts) return serviceHosts(region);
  const host = regions.hostOf(region, exchange);
  return { accUp: [host], srcUp: [host], oldUp: [], io: host, rs: host, rsf: host, api: host, uc: host };
}

/** The service's names, as recorded for `z0` and `z2`; the others follow their pattern. */
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

/** The hosts that a bucket's objects are downloaded from: its own domains, else its source. */
export function domainsOf(bucket: BucketState, exchange: Exchange): readonly string[] {
  return bucket.domains.length > 0 ? bucket.domains : sourceOf(bucket, exchange);
}

/** The source of a bucket's objects: the service's name for a client that uses such names, else one for this machine. */
export function sourceOf({ name, region }: BucketState, { origin }: Exchange): readonly string[] {
  const { hostname, port } = new URL(origin);
  if (isServiceName(hostname)) return [`${name}.kodo-${s3NameOf(region)}.qiniucs.com`];
  return /^[a-z\d-]+$/.test(name) ? [`${name}.localhost${port === '' ? '' : `:${port}`}`] : [];
}
