import { makeBlock, makeFile, putChunk } from './upload/block-upload.js';
import { control, CONTROL_PREFIX } from './control.js';
import { download, DOWNLOAD_PREFIX, parseDownloadPath } from './download/download.js';
import type { Handler } from './exchange.js';
import { uploadForm } from './upload/form-upload.js';
import { KodoError } from './kodo-error.js';
import { remove, stat } from './management.js';
import { abort, complete, initiate, listParts, putPart } from './upload/multipart-upload.js';
import { parseEntry, parseMultipartPath } from './upload/object-path.js';
import { queryJob } from './upload/persistent-jobs.js';
import { putBase64 } from './upload/put-base64.js';
import { queryRegion } from './region.js';
import type { KodoRequest, RequestKind } from './request-log.js';

/** What a path can tell before the token is looked at, so that faults can match it. */
type PathFacts = Partial<Pick<KodoRequest, 'bucket' | 'key' | 'uploadId' | 'partNumber'>>;

export interface Route {
  readonly kind: RequestKind;
  readonly facts: PathFacts;
  readonly handle: Handler;
}

interface Rule {
  readonly pattern: RegExp;
  /** By method. */
  readonly calls: Readonly<Record<string, readonly [RequestKind, Handler]>>;
}

const get = (kind: RequestKind, handle: Handler): Rule['calls'] => ({ GET: [kind, handle], HEAD: [kind, handle] });

const RULES: readonly Rule[] = [
  { pattern: /^\/$/, calls: { POST: ['form', uploadForm] } },
  { pattern: /^\/putb64\/[^/]+(\/.*)?$/, calls: { POST: ['put-base64', putBase64] } },
  { pattern: /^\/buckets\/[^/]+\/objects\/[^/]*\/uploads$/, calls: { POST: ['initiate', initiate] } },
  {
    pattern: /^\/buckets\/[^/]+\/objects\/[^/]*\/uploads\/[^/]+$/,
    calls: { GET: ['list', listParts], POST: ['complete', complete], DELETE: ['abort', abort] },
  },
  { pattern: /^\/buckets\/[^/]+\/objects\/[^/]*\/uploads\/[^/]+\/[^/]+$/, calls: { PUT: ['part', putPart] } },
  { pattern: /^\/mkblk\/[^/]+$/, calls: { POST: ['make-block', makeBlock] } },
  { pattern: /^\/bput\/[^/]+\/[^/]+$/, calls: { POST: ['put-chunk', putChunk] } },
  { pattern: /^\/mkfile\/[^/]+(\/.*)?$/, calls: { POST: ['make-file', makeFile] } },
  { pattern: /^\/stat\/[^/]+$/, calls: { GET: ['stat', stat], POST: ['stat', stat] } },
  { pattern: /^\/delete\/[^/]+$/, calls: { POST: ['delete', remove] } },
  { pattern: /^\/v[24]\/query$/, calls: { GET: ['query', queryRegion] } },
  { pattern: /^\/status\/get\/prefop$/, calls: { GET: ['prefop', queryJob] } },
  // What clients report of their uploads; nobody reads it.
  { pattern: /^\/log\/\d+$/, calls: { POST: ['statistics', () => ({ status: 200, body: {} })] } },
  { pattern: new RegExp(`^${DOWNLOAD_PREFIX}`), calls: get('download', download) },
];

/** Finds what answers a request; where nothing does, a handler that says so. */
export function findRoute(method: string, path: string): Route {
  const facts = factsOf(path);
  if (method === 'OPTIONS') return { kind: 'preflight', facts, handle: () => ({ status: 200, body: '' }) };
  const rule = RULES.find(({ pattern }) => pattern.test(path));
  if (rule === undefined) return refusal(404, 'Document not found');
  const call = Object.hasOwn(rule.calls, method) ? rule.calls[method] : undefined;
  if (call === undefined) return refusal(405, 'method not allowed');
  const [kind, handle] = call;
  return { kind, facts, handle };
}

/** The calls of a local Kodo's own side, which the real one does not have. */
export function findControl(path: string): Handler | undefined {
  return path.startsWith(CONTROL_PREFIX) ? control : undefined;
}

function refusal(status: number, text: string): Route {
  const handle = (): never => {
    throw new KodoError(status, text);
  };
  return { kind: 'unknown', facts: {}, handle };
}

function factsOf(path: string): PathFacts {
  try {
    if (path.startsWith(DOWNLOAD_PREFIX)) return parseDownloadPath(path);
    const entry = /^\/(?:stat|delete)\/([^/]+)$/.exec(path)?.[1];
    if (entry !== undefined) return parseEntry(entry);
    const { bucket, key, uploadId, partNumber } = parseMultipartPath(path) ?? {};
    return { bucket, key, uploadId, ...(partNumber === undefined ? {} : { partNumber: Number(partNumber) }) };
  } catch {
    return {}; // a path that is no valid name: its handler answers it
  }
}
