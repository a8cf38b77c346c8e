import { randomBytes } from 'node:crypto';

/** The call that a request makes; `unknown` for a path or method that Kodo does not have. */
export const REQUEST_KINDS = [
  'form',
  'put-base64',
  'initiate',
  'part',
  'list',
  'complete',
  'abort',
  'make-block',
  'put-chunk',
  'make-file',
  'query',
  'download',
  'stat',
  'delete',
  'manage',
  'batch',
  'list-objects',
  'fetch',
  'bucket',
  'pfop',
  'prefop',
  'client-config',
  'statistics',
  'preflight',
  'unknown',
] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];

/** One request, logged on arrival and completed when it ends. Never contains a token. */
export interface KodoRequest {
  /** Sequence number, starting at 1. */
  readonly id: number;
  /** Arrival time in milliseconds since 1970. */
  readonly at: number;
  readonly method: string;
  /** Path without the query, as sent. */
  readonly path: string;
  readonly reqid: string;
  kind: RequestKind;
  bucket?: string | undefined;
  key?: string | undefined;
  uploadId?: string | undefined;
  partNumber?: number | undefined;
  /** Response status; absent while the request is running, or if the connection broke before the response. */
  status?: number | undefined;
  /** Number of body bytes received. */
  bytes: number;
  /** End time in milliseconds since 1970, whatever the outcome. */
  endedAt?: number | undefined;
  /** Whether the client disconnected before the response was complete. */
  aborted: boolean;
}

/** Number of requests kept; older ones are dropped, so that memory use is bounded. */
const KEPT = 50_000;

/** The latest 50,000 requests, in order of arrival. */
export class RequestLog {
  readonly entries: KodoRequest[] = [];
  #next = 1;

  /** Creates an entry without adding it to the log. */
  create(facts: Pick<KodoRequest, 'method' | 'path' | 'kind'> & Partial<KodoRequest>): KodoRequest {
    return { ...facts, id: this.#next++, at: Date.now(), reqid: newReqid(), bytes: 0, aborted: false };
  }

  add(entry: KodoRequest): void {
    this.entries.push(entry);
    // Drop a tenth at a time: shifting one by one would slow down every request.
    if (this.entries.length > KEPT * 1.1) this.entries.splice(0, this.entries.length - KEPT);
  }
}

/** A request id in Kodo's format: 16 base64url characters. */
function newReqid(): string {
  return randomBytes(12).toString('base64url');
}
