import { changeRules } from './buckets/bucket-rules.js';
import {
  changeStyles,
  changeTags,
  getCors,
  getQuota,
  setAccessMode,
  setCors,
  setImage,
  setMaxAge,
  setNoIndexPage,
  setPrivate,
  setQuota,
  setReferers,
  setRemark,
  unsetImage,
} from './buckets/bucket-settings.js';
import {
  createBucket,
  dropBucket,
  getBucketFacts,
  getBucketInfo,
  getBucketInfos,
  listBucketFacts,
  listBuckets,
  listDomains,
  listRegions,
} from './buckets/buckets.js';
import { download, parseDownloadPath } from './download/download.js';
import { DOWNLOAD_PREFIX } from './download/download-domain.js';
import type { Handler } from './exchange.js';
import { orderJob, queryJob } from './jobs/pfop.js';
import { KodoError } from './kodo-error.js';
import { orderFetch, queryFetch } from './management/async-fetch.js';
import { fetchObject, prefetchObject } from './management/fetch-object.js';
import { listObjectLines, listObjects } from './management/list-objects.js';
import { batch, callOperation } from './management/object-calls.js';
import { queryRegion } from './region/query-region.js';
import type { KodoRequest, RequestKind } from './request-log.js';
import { parseEntry, parseMultipartPath } from './text/object-path.js';
import { makeBlock, makeFile, makeFileOfEntry, putChunk } from './upload/block-upload.js';
import { uploadForm } from './upload/form-upload.js';
import { uploadLegacyForm } from './upload/legacy-upload.js';
import { abort, complete, initiate, listParts, putPart } from './upload/multipart-upload.js';
import { putBase64 } from './upload/put-base64.js';

/** Facts that the path reveals before the token is checked, so that faults can match them. */
type PathFacts = Partial<Pick<KodoRequest, 'bucket' | 'key' | 'uploadId' | 'partNumber'>>;

export interface Route {
  readonly kind: RequestKind;
  readonly facts: PathFacts;
  readonly handle: Handler;
  /** Whether pages from other origins may read the response, as on the hosts that browsers use. */
  readonly cors: boolean;
}

interface Rule {
  readonly pattern: RegExp;
  readonly cors: boolean;
  /** Handlers by method. */
  readonly calls: Readonly<Record<string, readonly [RequestKind, Handler]>>;
}

/** Calls for browsers: uploads, region queries, status queries and downloads. */
const open = (pattern: RegExp, calls: Rule['calls']): Rule => ({ pattern, cors: true, calls });

/** Calls for servers, which hold the account's secret key: pages from other origins cannot read the responses. */
const closed = (pattern: RegExp, methods: string, kind: RequestKind, handle: Handler): Rule => ({
  pattern,
  cors: false,
  calls: Object.fromEntries(methods.split(' ').map((method) => [method, [kind, handle] as const])),
});

/** Seconds for which a client may cache its configuration. */
const CONFIG_TTL = 86_400;

const OPERATIONS = 'stat|delete|copy|move|chgm|chtype|chstatus|deleteAfterDays|lifecycle|restoreAr';

const RULES: readonly Rule[] = [
  open(/^\/$/, { POST: ['form', uploadForm] }),
  open(/^\/upload$/, { POST: ['form', uploadLegacyForm] }),
  open(/^\/putb64\/[^/]+(\/.*)?$/, { POST: ['put-base64', putBase64] }),
  open(/^\/buckets\/[^/]+\/objects\/[^/]*\/uploads$/, { POST: ['initiate', initiate] }),
  open(/^\/buckets\/[^/]+\/objects\/[^/]*\/uploads\/[^/]+$/, {
    GET: ['list', listParts],
    POST: ['complete', complete],
    DELETE: ['abort', abort],
  }),
  open(/^\/buckets\/[^/]+\/objects\/[^/]*\/uploads\/[^/]+\/[^/]+$/, { PUT: ['part', putPart] }),
  open(/^\/mkblk\/[^/]+$/, { POST: ['make-block', makeBlock] }),
  open(/^\/bput\/[^/]+\/[^/]+$/, { POST: ['put-chunk', putChunk] }),
  open(/^\/mkfile\/[^/]+(\/.*)?$/, { POST: ['make-file', makeFile] }),
  open(/^\/rs-mkfile\/[^/]+(\/.*)?$/, { POST: ['make-file', makeFileOfEntry] }),
  open(/^\/v[1-4]\/query$/, { GET: ['query', queryRegion], POST: ['query', queryRegion] }),
  open(/^\/status\/get\/prefop$/, { GET: ['prefop', queryJob], POST: ['prefop', queryJob] }),
  // The Android and iOS SDKs ask for settings to override; an empty response leaves them unchanged.
  open(/^\/v1\/sdk\/config(?:\/user)?$/, {
    GET: ['client-config', () => ({ status: 200, body: { ttl: CONFIG_TTL } })],
  }),
  // Upload statistics reported by clients; discarded.
  open(/^\/log\/\d+$/, { POST: ['statistics', () => ({ status: 200, body: {} })] }),
  open(new RegExp(`^${DOWNLOAD_PREFIX}`), { GET: ['download', download], HEAD: ['download', download] }),

  closed(/^\/stat\/[^/]+$/, 'GET POST', 'stat', callOperation),
  closed(/^\/delete\/[^/]+$/, 'POST', 'delete', callOperation),
  closed(new RegExp(`^/(?:${OPERATIONS})/[^/]+(/.*)?$`), 'POST', 'manage', callOperation),
  closed(/^\/batch$/, 'POST', 'batch', batch),
  closed(/^\/list$/, 'GET POST', 'list-objects', listObjects),
  closed(/^\/v2\/list$/, 'GET POST', 'list-objects', listObjectLines),
  closed(/^\/fetch\/[^/]+\/to\/[^/]+(\/.*)?$/, 'POST', 'fetch', fetchObject),
  closed(/^\/prefetch\/[^/]+$/, 'POST', 'fetch', prefetchObject),
  closed(/^\/sisyphus\/fetch$/, 'POST', 'fetch', orderFetch),
  closed(/^\/sisyphus\/fetch$/, 'GET', 'fetch', queryFetch),
  closed(/^\/pfop\/?$/, 'POST', 'pfop', orderJob),

  closed(/^\/buckets$/, 'GET POST', 'bucket', listBuckets),
  closed(/^\/buckets\/[^/]+$/, 'PUT', 'bucket', setRemark),
  closed(/^\/v[23]\/buckets$/, 'GET POST', 'bucket', listBucketFacts),
  closed(/^\/bucket\/[^/]+$/, 'GET POST', 'bucket', getBucketFacts),
  closed(/^\/v2\/bucketInfo$/, 'GET POST', 'bucket', getBucketInfo),
  closed(/^\/v2\/bucketInfos$/, 'GET POST', 'bucket', getBucketInfos),
  closed(/^\/v[23]\/domains$/, 'GET POST', 'bucket', listDomains),
  closed(/^\/v[67]\/domain\/list$/, 'GET POST', 'bucket', listDomains),
  closed(/^\/mkbucketv[23]\/[^/]+(\/.*)?$/, 'POST', 'bucket', createBucket),
  closed(/^\/drop\/[^/]+$/, 'POST', 'bucket', dropBucket),
  closed(/^\/regions$/, 'GET', 'bucket', listRegions),
  closed(/^\/(?:rules|events)\/(?:add|update|delete)$/, 'POST', 'bucket', changeRules),
  closed(/^\/(?:rules|events)\/get$/, 'GET POST', 'bucket', changeRules),
  closed(/^\/private$/, 'POST', 'bucket', setPrivate),
  closed(/^\/maxAge$/, 'POST', 'bucket', setMaxAge),
  closed(/^\/noIndexPage$/, 'POST', 'bucket', setNoIndexPage),
  closed(/^\/referAntiLeech$/, 'POST', 'bucket', setReferers),
  closed(/^\/accessMode\/[^/]+\/mode\/[^/]+$/, 'POST', 'bucket', setAccessMode),
  closed(/^\/setbucketquota\/[^/]+(\/size\/[^/]+)?(\/count\/[^/]+)?$/, 'POST', 'bucket', setQuota),
  closed(/^\/getbucketquota\/[^/]+$/, 'GET POST', 'bucket', getQuota),
  closed(/^\/corsRules\/set\/[^/]+$/, 'POST', 'bucket', setCors),
  closed(/^\/corsRules\/get\/[^/]+$/, 'GET POST', 'bucket', getCors),
  closed(/^\/image\/[^/]+\/from\/[^/]+(\/host\/[^/]+)?$/, 'POST', 'bucket', setImage),
  closed(/^\/unimage\/[^/]+$/, 'POST', 'bucket', unsetImage),
  closed(/^\/bucketTagging$/, 'GET PUT DELETE', 'bucket', changeTags),
  closed(/^\/(?:separator|style|unstyle)\/[^/]+\/.+$/, 'POST', 'bucket', changeStyles),
];

/** Finds the route of a request; if there is none, returns a handler that responds with the error. */
export function findRoute(method: string, path: string): Route {
  const facts = factsOf(path);
  const rules = RULES.filter(({ pattern }) => pattern.test(path));
  const cors = rules.every((rule) => rule.cors);
  if (method === 'OPTIONS') return { kind: 'preflight', facts, handle: () => ({ status: 200, body: '' }), cors };
  if (rules.length === 0) return refusal(404, 'Document not found', cors);
  const call = rules.flatMap(({ calls }) => (Object.hasOwn(calls, method) ? [calls[method]] : []))[0];
  if (call === undefined) return refusal(405, 'method not allowed', cors);
  const [kind, handle] = call;
  return { kind, facts, handle, cors };
}

function refusal(status: number, text: string, cors: boolean): Route {
  const handle = (): never => {
    throw new KodoError(status, text);
  };
  return { kind: 'unknown', facts: {}, handle, cors };
}

function factsOf(path: string): PathFacts {
  try {
    if (path.startsWith(DOWNLOAD_PREFIX)) return parseDownloadPath(path);
    const entry = new RegExp(`^/(?:${OPERATIONS}|prefetch|rs-mkfile)/([^/]+)`).exec(path)?.[1];
    if (entry !== undefined) return parseEntry(entry);
    const { bucket, key, uploadId, partNumber } = parseMultipartPath(path) ?? {};
    return { bucket, key, uploadId, ...(partNumber === undefined ? {} : { partNumber: Number(partNumber) }) };
  } catch {
    return {}; // the path is not a valid name: its handler reports the error
  }
}
