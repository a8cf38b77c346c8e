import type { PutPolicy } from './put-policy.js';
import type { RequestGate } from '../net/request-gate.js';
import type { TokenCell } from './token-cell.js';
import type { UploadFile } from '../items/upload-item.js';

/** A part that Kodo has. */
export interface StoredPart {
  readonly etag: string;
  /** Lower-case hex. */
  readonly md5: string;
  /** Bytes. */
  readonly size: number;
}

/** A multipart upload that was begun, with what is stored of it. */
export interface StoredParts {
  readonly uploadId: string;
  /** Bytes of every part but the last. */
  readonly partSize: number;
  /** One entry a part, `null` or absent for those that are not stored. */
  readonly parts: readonly (StoredPart | null)[];
}

/** Bytes that are stored of a multipart upload. */
export function storedBytes(stored: StoredParts | undefined): number {
  return stored?.parts.reduce((sum, part) => sum + (part?.size ?? 0), 0) ?? 0;
}

/** One upload, as a transport is asked to do it. */
export interface UploadJob {
  /** The file, its name and type. */
  readonly file: UploadFile;
  /** The upload token, which may be renewed while the upload runs. Must not be stored, logged or put in an error. */
  readonly token: TokenCell;
  /** The object's key, where the business server named it. */
  readonly key: string | undefined;
  /** The token's policy: whose bucket it is for. */
  readonly policy: PutPolicy;
  /** The up host to use, as an origin. */
  readonly host: string;
  /** A multipart upload to go on with. */
  readonly stored: StoredParts | undefined;
  /** Whether the file goes in one request, whatever its size; without it, in parts where it is larger than 4 MiB. */
  readonly asForm: boolean;
  /** Bytes of a part: whole MiB. */
  readonly partSize: number;
  /** Parts in flight at once. */
  readonly partsAtOnce: number;
}

/** One HTTP request of an upload that has ended, however it did: what may be shown of it, and so never the token. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** Form fields, or JSON, that were sent beside the file's bytes; `undefined` where there was nothing. */
  readonly body: unknown;
  /** Bytes of the file that the request was made for. */
  readonly fileBytes: number;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Kodo's name for the request (`X-Reqid`), which Qiniu's support asks for. */
  readonly reqid: string | undefined;
  /** The answer: parsed where it was JSON, else its text. */
  readonly reply: unknown;
  /** Milliseconds from the request to the end of its answer; the time in which it waited for its turn is not counted. */
  readonly duration: number;
}

/** How a transport reports and is stopped. */
export interface UploadJobOptions {
  /**
   * Stops the upload. After `abort()` no further request is made, a running one is ended, and the promise
   * rejects with the signal's reason.
   */
  readonly signal: AbortSignal;
  /** Every request waits here for its turn. */
  readonly gate: RequestGate;
  /** Milliseconds without progress, with bytes left to send, after which the upload has stalled. */
  readonly stallTimeout: number;
  /** How often in a row the upload has stalled before: a transport allows more time where progress cannot be seen. */
  readonly stalls: number;
  /** Bytes of the file sent so far; may repeat and may fall, the caller smooths it. */
  readonly onProgress: (sentBytes: number) => void;
  /** A multipart upload has begun, or another of its parts is stored with the right bytes. */
  readonly onStored: (stored: StoredParts) => void;
  /** All bytes are sent, and the reply is being waited for. */
  readonly onSent: () => void;
  /** A request has ended. */
  readonly onRequest: (request: SentRequest) => void;
}

/** Kodo's reply to a finished upload. */
export interface UploadReply {
  /** The parsed JSON body, unchanged. */
  readonly response: unknown;
  /** What the object's hash (Qiniu's etag) must be, computed from the file; absent when it could not be. */
  readonly hash: string | undefined;
}

/** A multipart upload that is given up. */
export type AbandonedUpload = Pick<UploadJob, 'token' | 'key' | 'policy' | 'host'> & { readonly stored: StoredParts };

/** Brings one file to Kodo, once, without trying again. */
export interface UploadTransport {
  /** @throws {UploadError} or the signal's reason when it was aborted */
  upload(job: UploadJob, options: UploadJobOptions): Promise<UploadReply>;
  /**
   * Up hosts of a bucket in order of preference, as origins; asked only when nobody named one.
   *
   * @throws {UploadError} `region-unknown`, `bucket-missing` or `network`
   */
  findHosts(policy: PutPolicy, region: string | undefined): Promise<readonly string[]>;
  /** Deletes the stored parts of an upload that is given up. Never throws: Kodo deletes them itself after some days. */
  abandon(upload: AbandonedUpload): Promise<void>;
}
