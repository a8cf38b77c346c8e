import { randomBytes } from 'node:crypto';

/** What a request is for; `unknown` is a path or method that Kodo does not have. */
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

/** One request as it came in; completed when it ends. Never holds a token. */
export interface KodoRequest {
  /** Counts up from 1. */
  readonly id: number;
  /** Milliseconds since 1970 at which it arrived. */
  readonly at: number;
  readonly method: string;
  /** Path without its query, as it was sent. */
  readonly path: string;
  readonly reqid: string;
  kind: RequestKind;
  bucket?: string | undefined;
  key?: string | undefined;
  uploadId?: string | undefined;
  partNumber?: number | undefined;
  /** Status answered; absent while it runs, or when the connection broke before an answer. */
  status?: number | undefined;
  /** Bytes of the body that have come in. */
  bytes: number;
  /** Milliseconds since 1970 at which it ended, however it did. */
  endedAt?: number | undefined;
  /** Whether the client went away before the answer was out. */
  aborted: boolean;
}

/** Requests kept; older ones are forgotten, so that memory stays flat however long Kodo runs. */
const KEPT = 50_000;

/** The requests in order of arrival, the latest 50,000 of them. */
export class RequestLog {
  readonly entries: KodoRequest[] = [];
  #next = 1;

  /** An entry that is not in the log yet. */
  create(facts: Pick<KodoRequest, 'method' | 'path' | 'kind'> & Partial<KodoRequest>): KodoRequest {
    return { ...facts, id: this.#next++, at: Date.now(), reqid: newReqid(), bytes: 0, aborted: false };
  }

  add(entry: KodoRequest): void {
    this.entries.push(entry);
    // A tenth at a time: shifting one by one would cost time for each request.
    if (this.entries.length > KEPT * 1.1) this.entries.splice(0, this.entries.length - KEPT);
  }
}

/** A request id as Kodo makes them: 16 characters of base64url. */
function newReqid(): string {
  return randomBytes(12).toString('base64url');
}
