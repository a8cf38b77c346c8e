import type { PutPolicy } from './put-policy.js';
import type { RequestGate } from '../net/request-gate.js';
import type { TokenCell } from './token-cell.js';
import type { SentRequest } from '../items/sent-request.js';
import type { UploadFile } from '../items/upload-item.js';

/** A part that is stored in Kodo. */
export interface StoredPart {
  readonly etag: string;
  /** Lower-case hex. */
  readonly md5: string;
  /** Size in bytes. */
  readonly size: number;
}

/** A multipart upload with its stored parts. */
export interface StoredParts {
  readonly uploadId: string;
  /** Size in bytes of every part except the last. */
  readonly partSize: number;
  /** One entry per part; `null` or missing for parts that are not stored. */
  readonly parts: readonly (StoredPart | null)[];
}

/** Returns the stored bytes of a multipart upload. */
export function storedBytes(stored: StoredParts | undefined): number {
  return stored?.parts.reduce((sum, part) => sum + (part?.size ?? 0), 0) ?? 0;
}

/** One upload for a transport. */
export interface UploadJob {
  /** The file, its name and type. */
  readonly file: UploadFile;
  /** The upload token, which can be renewed while the upload runs. Must not be stored, logged or put in an error. */
  readonly token: TokenCell;
  /** The object's key, if the business server chose it. */
  readonly key: string | undefined;
  /** The token's put policy. */
  readonly policy: PutPolicy;
  /** The up host to use, as an origin. */
  readonly host: string;
  /** A multipart upload to resume. */
  readonly stored: StoredParts | undefined;
  /** Whether to send the file in one form request; if `false`, files over 4 MiB are sent in parts. */
  readonly asForm: boolean;
  /** Part size in bytes: whole MiB. */
  readonly partSize: number;
  /** Number of parts to send concurrently. */
  readonly partsAtOnce: number;
}

/** How a transport reports progress and is aborted. */
export interface UploadJobOptions {
  /**
   * Aborts the upload: running requests are aborted, no further request is made, and the promise rejects with the
   * signal's reason.
   */
  readonly signal: AbortSignal;
  /** Every request must acquire a slot here. */
  readonly gate: RequestGate;
  /** Milliseconds without progress, with bytes left to send, after which the upload has stalled. */
  readonly stallTimeout: number;
  /** Previous consecutive stalls of this upload: a transport allows more time if it cannot observe progress. */
  readonly stalls: number;
  /** Reports the bytes of the file sent so far; may repeat or decrease, the caller smooths it. */
  readonly onProgress: (sentBytes: number) => void;
  /** A multipart upload was initiated, or another part is stored and verified. */
  readonly onStored: (stored: StoredParts) => void;
  /** All bytes were sent; the response is pending. */
  readonly onSent: () => void;
  /** A request has ended. */
  readonly onRequest: (request: SentRequest) => void;
}

/** Kodo's response to a finished upload. */
export interface UploadReply {
  /** The parsed JSON body, unchanged. */
  readonly response: unknown;
  /** The expected hash of the object (Qiniu's etag), computed from the file; `undefined` if that was not possible. */
  readonly hash: string | undefined;
}

/** A multipart upload to discard. */
export type AbandonedUpload = Pick<UploadJob, 'token' | 'key' | 'policy' | 'host'> & { readonly stored: StoredParts };

/** Uploads files to Kodo. Makes one attempt: retries are up to the caller. */
export interface UploadTransport {
  /** Uploads a file. @throws {UploadError} or the signal's reason if it is aborted */
  upload(job: UploadJob, options: UploadJobOptions): Promise<UploadReply>;
  /**
   * Returns the up hosts of a bucket in order of preference, as origins. Called only if none are configured.
   *
   * @throws {UploadError} `region-unknown`, `bucket-missing` or `network`
   */
  findHosts(policy: PutPolicy, region: string | undefined): Promise<readonly string[]>;
  /** Deletes the stored parts of a discarded upload. Never rejects: Kodo deletes them itself after some days. */
  abandon(upload: AbandonedUpload): Promise<void>;
}
