import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import { describeRegion } from '../region/query-region.js';
import { domainsOf, hostsOf } from '../region/region-hosts.js';
import { s3NameOf } from '../region/service-names.js';
import type { BucketState } from '../store/bucket-store.js';
import { decodeSegment } from '../text/object-path.js';
import { readOptions } from '../text/path-fields.js';
import { bucketOf, invalid, readBucketCall } from './bucket-call.js';

/** Maximum page size with `apiVersion=v4`, and the default. */
const [MAX_PAGE, PAGE] = [100, 20];

/**
 * `GET` or `POST /buckets`: the names of the account's buckets. `tagCondition` filters by tags. With `apiVersion=v4`,
 * returns pages of buckets with their details.
 *
 * Source: https://developer.qiniu.com/kodo/3926/get-service
 */
export async function listBuckets(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  const region = params.get('region');
  const all = exchange.services.buckets.list().filter((bucket) => !region || bucket.region === region);
  if (params.get('apiVersion') !== 'v4') {
    return { status: 200, body: selectByTags(all, params.get('tagCondition')).map(({ name }) => name) };
  }
  const limit = Number(params.get('limit') || PAGE);
  if (!(limit >= 1 && limit <= MAX_PAGE)) throw invalid();
  const rest = all.filter(({ name }) => name > (params.get('marker') ?? ''));
  const page = rest.slice(0, limit);
  const isTruncated = rest.length > limit;
  const buckets = page.map(({ name, region: id, private: isPrivate, createdAt }) => ({
    ...{ name, region: id, private: isPrivate, ctime: new Date(createdAt).toISOString() },
  }));
  const next = isTruncated ? { next_marker: page.at(-1)?.name ?? '' } : {};
  return { status: 200, body: { ...next, is_truncated: isTruncated, buckets } };
}

/**
 * `GET /v3/buckets?region=` and `/v2/buckets`: the buckets of a region, or all.
 * Source: how the official Python and PHP SDKs and Kodo Browser parse the response
 */
export async function listBucketFacts(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  const region = params.get('region');
  const found = exchange.services.buckets.list().filter((bucket) => !region || bucket.region === region);
  return { status: 200, body: found.map(factsOf) };
}

/** `GET /bucket/<name>`: one bucket. Source: how Kodo Browser reads its region */
export async function getBucketFacts(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  return { status: 200, body: factsOf(bucketOf(exchange, segments[1])) };
}

/** `POST /v2/bucketInfo?bucket=`. Returns 612 for an unknown bucket, as the official Java SDK's tests expect. */
export async function getBucketInfo(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  const bucket = exchange.services.buckets.find(params.get('bucket') ?? '');
  if (bucket === undefined) throw new KodoError(612, 'no such entry');
  return { status: 200, body: infoOf(bucket) };
}

/** `POST /v2/bucketInfos?region=`: the same for all buckets of a region. */
export async function getBucketInfos(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  const region = params.get('region');
  const found = exchange.services.buckets.list().filter((bucket) => !region || bucket.region === region);
  return { status: 200, body: found.map((bucket) => ({ name: bucket.name, info: infoOf(bucket) })) };
}

/** `GET` or `POST /v2/domains?tbl=` and its variants: the download domains of a bucket. */
export async function listDomains(exchange: Exchange): Promise<Answer> {
  const { params, segments } = await readBucketCall(exchange);
  const bucket = bucketOf(exchange, params.get('tbl'));
  const domains = domainsOf(bucket, exchange);
  const time = Math.floor(bucket.createdAt / 1000);
  const described = domains.map((domain) => ({
    ...{ domain, tbl: bucket.name, uid: 1, refresh: false, ctime: time, utime: time },
  }));
  return { status: 200, body: ['v3', 'v7'].includes(segments[0] ?? '') ? described : domains };
}

/**
 * `POST /mkbucketv3/<name>[/region/<id>][/private/true]`, and `/mkbucketv2/<b64 name>/…`: creates a bucket. Other
 * options, such as `nodomain`, have no effect: a bucket has no domains unless `--domain` assigns them.
 *
 * Source: https://developer.qiniu.com/kodo/1382/mkbucketv3; `private` from https://github.com/qiniu/kubernetes-csi-driver;
 * the text of 614 from the official Go SDK's tests.
 */
export async function createBucket(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  const [call, segment = '', ...rest] = segments;
  const name = call === 'mkbucketv2' ? decodeSegment(segment) : segment;
  if (rest.length % 2 !== 0) throw invalid();
  const options = readOptions(rest);
  const region = options.get('region') ?? 'z0';
  exchange.entry.bucket = name;
  if (!/^[a-z\d][a-z\d-]{1,61}[a-z\d]$/.test(name) || !/^[a-z\d-]{2,30}$/.test(region)) throw invalid();
  const { buckets } = exchange.services;
  if (buckets.find(name) !== undefined) throw new KodoError(614, 'the bucket already exists and you own it.');
  await buckets.create(name, region, ['true', '1'].includes(options.get('private') ?? ''));
  return { status: 200, body: {} };
}

/** `POST /drop/<name>`: deletes an empty bucket. Source: https://developer.qiniu.com/kodo/1601/drop-bucket */
export async function dropBucket(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  const { name } = bucketOf(exchange, segments[1]);
  const { buckets, store } = exchange.services;
  if (store.list(name).length > 0) throw new KodoError(403, 'drop non empty bucket is not allowed');
  await buckets.drop(name);
  return { status: 200, body: {} };
}

/** `GET /regions`: all regions with their hosts. Source: how the official Go SDK parses the response */
export async function listRegions(exchange: Exchange): Promise<Answer> {
  await readBucketCall(exchange);
  const regions = ['z0', 'cn-east-2', 'z1', 'z2', 'na0', 'as0'].map((id) => {
    const { region, ...hosts } = describeRegion({ region: id, ...hostsOf(id, exchange) });
    return { id: region, description: s3NameOf(id), ...hosts };
  });
  return { status: 200, body: { regions } };
}

function factsOf({ name, region, private: isPrivate, createdAt }: BucketState): object {
  return { id: name, tbl: name, region, private: Number(isPrivate), ctime: Math.floor(createdAt / 1000) };
}

/** Details and settings of a bucket. Source: https://github.com/qiniu/go-sdk, api-specs/get_bucket_info.yml */
function infoOf({ region, private: isPrivate, createdAt, settings }: BucketState): object {
  const { referers, image, quota } = settings;
  const patterns = referers?.patterns ?? [];
  return {
    source: image?.url ?? '',
    host: image?.host ?? '',
    expires: 0,
    protected: settings.protected ?? 0,
    private: Number(isPrivate),
    no_index_page: settings.noIndexPage ?? 0,
    imgsft: 0,
    max_age: settings.maxAge ?? 0,
    separator: settings.separator ?? '',
    styles: settings.styles ?? {},
    anti_leech_mode: referers?.mode ?? 0,
    token_anti_leech_mode: 0,
    ...(referers?.mode === 1 ? { refer_wl: patterns } : {}),
    ...(referers?.mode === 2 ? { refer_bl: patterns } : {}),
    source_enabled: referers?.sourceEnabled ?? false,
    no_refer: referers?.allowEmpty ?? false,
    allow_empty_referer: referers?.allowEmpty ?? false,
    ...(quota === undefined ? {} : { size: quota.size, count: quota.count }),
    zone: region,
    region,
    global: false,
    remark: settings.remark ?? '',
    ctime: new Date(createdAt).toISOString(),
  };
}

/** Filters buckets by a tag condition: base64 of `key=…&value=…;…`. An invalid condition matches no bucket. */
function selectByTags(buckets: readonly BucketState[], condition: string | null): readonly BucketState[] {
  if (!condition) return buckets;
  const wanted = decodeSegment(condition)
    .split(';')
    .map((pair) => new URLSearchParams(pair));
  return buckets.filter(({ settings: { tags = [] } }) =>
    wanted.every((pair) =>
      tags.some(({ Key, Value }) => Key === pair.get('key') && (!pair.get('value') || Value === pair.get('value'))),
    ),
  );
}
