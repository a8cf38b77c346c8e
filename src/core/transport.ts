import type { PutPolicy } from './put-policy.js';
import type { RequestGate } from './request-gate.js';
import type { UploadFile } from './upload-item.js';

/** One upload, as a transport is asked to do it. */
export interface UploadJob {
  /** The file, its name and type. */
  readonly file: UploadFile;
  /** The upload token. Must not be stored, logged or put in an error. */
  readonly token: string;
  /** The object's key, where the business server named it. */
  readonly key: string | undefined;
  /** The token's policy: whose bucket it is for. */
  readonly policy: PutPolicy;
  /** Up hosts in order of preference, as origins; empty when nobody named one. */
  readonly hosts: readonly string[];
  /** The bucket's region, to name hosts when there are none. */
  readonly region: string | undefined;
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
  /** Bytes of the file sent so far; may repeat and may fall, the caller smooths it. */
  readonly onProgress: (sentBytes: number) => void;
  /** All bytes are sent, and the reply is being waited for. */
  readonly onSent: () => void;
}

/** Kodo's reply to a finished upload. */
export interface UploadReply {
  /** The parsed JSON body, unchanged. */
  readonly response: unknown;
}

/**
 * Brings one file to Kodo, once, without trying again.
 *
 * `upload` rejects with an `UploadError`, or with the signal's reason when it was aborted.
 */
export interface UploadTransport {
  upload(job: UploadJob, options: UploadJobOptions): Promise<UploadReply>;
}
