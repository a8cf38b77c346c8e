import { randomBytes } from 'node:crypto';

export type RequestKind =
  | 'form'
  | 'initiate'
  | 'part'
  | 'list'
  | 'complete'
  | 'abort'
  | 'query'
  | 'download'
  | 'preflight'
  | 'stat'
  | 'delete'
  | 'unknown';

/** One request as it came in; completed when it ends. Never holds a token. */
export interface KodoRequest {
  /** Counts up from 1. */
  readonly id: number;
  /** Milliseconds since 1970 at which it arrived. */
  readonly at: number;
  readonly method: string;
  /** Path without its query. */
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

/** A request id as Kodo makes them: 16 characters of base64url. */
export function newReqid(): string {
  return randomBytes(12).toString('base64url');
}
