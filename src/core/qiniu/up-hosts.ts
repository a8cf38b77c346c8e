import { isRecord } from '../shared/json.js';
import type { PutPolicy } from '../transport/put-policy.js';
import { UploadError } from '../items/upload-error.js';
import { toOrigin } from '../net/up-origin.js';

/** Origin of Qiniu's region query, which returns the hosts of a bucket. */
export const REGION_QUERY_ORIGIN = 'https://api.qiniu.com';

/** Regions with their own hosts. Source: https://developer.qiniu.com/kodo/1671/region-endpoint-fq */
const REGIONS = ['z0', 'z1', 'z2', 'na0', 'as0', 'cn-east-2'];

/**
 * Returns the up hosts of a region, the accelerated one first.
 *
 * @throws {UploadError} `region-unknown`
 */
export function upHostsOfRegion(region: string): readonly string[] {
  if (!REGIONS.includes(region)) {
    throw new UploadError(
      'region-unknown',
      `"${region}" is not a known region. Use ${REGIONS.join(', ')}, or set up-host.`,
    );
  }
  const suffix = region === 'z0' ? '' : `-${region}`;
  return [`https://upload${suffix}.qiniup.com`, `https://up${suffix}.qiniup.com`];
}

/**
 * Queries Qiniu for the hosts of a bucket: once per bucket and page, not once per file.
 *
 * A response is cached for its `ttl`, at most a day; a failure is not cached.
 * Source: https://github.com/qiniu/api-specs, storage/query_bucket_v2.yml
 */
export class RegionQuery {
  readonly #origin: string;
  readonly #answers = new Map<string, Promise<readonly string[]>>();

  constructor(origin: string = REGION_QUERY_ORIGIN) {
    this.#origin = origin;
  }

  /** Returns the up hosts of a bucket. @throws {UploadError} `region-unknown`, `bucket-missing` or `network` */
  upHosts({ accessKey, bucket }: PutPolicy): Promise<readonly string[]> {
    const name = `${accessKey}:${bucket}`;
    const known = this.#answers.get(name);
    if (known !== undefined) return known;
    const answer = this.#ask(accessKey, bucket, (seconds) => {
      setTimeout(() => this.#answers.delete(name), Math.min(seconds, 86_400) * 1000);
    });
    this.#answers.set(name, answer);
    answer.catch(() => this.#answers.delete(name));
    return answer;
  }

  async #ask(accessKey: string, bucket: string, keepFor: (seconds: number) => void): Promise<readonly string[]> {
    const host = this.#origin;
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(`${host}/v2/query?${new URLSearchParams({ ak: accessKey, bucket }).toString()}`, {
        signal: AbortSignal.timeout(10_000),
      });
      status = response.status;
      body = await response.json();
    } catch (cause) {
      throw new UploadError('network', `${host} could not be queried for the bucket's region. Set up-host or region.`, {
        cause,
        host,
      });
    }
    if (status === 631)
      throw new UploadError('bucket-missing', `The bucket "${bucket}" does not exist.`, { status, host });
    const hosts = upHostsOf(body, new URL(host).protocol);
    if (status !== 200 || hosts.length === 0) {
      throw new UploadError('region-unknown', `${host} returned no hosts for the bucket "${bucket}".`, {
        status,
        host,
      });
    }
    keepFor(isRecord(body) && typeof body['ttl'] === 'number' ? body['ttl'] : 86_400);
    return hosts;
  }
}

/** Adds the query's scheme to the hosts, which have none. */
function upHostsOf(body: unknown, protocol: string): readonly string[] {
  const up = isRecord(body) && isRecord(body['up']) ? body['up'] : {};
  return ['acc', 'src']
    .map((name) => up[name])
    .filter(isRecord)
    .flatMap((group) => [group['main'], group['backup']])
    .flatMap((hosts) => (Array.isArray(hosts) ? (hosts as unknown[]) : []))
    .filter((host): host is string => typeof host === 'string')
    .map((host) => toOrigin(`${protocol}//${host}`));
}
