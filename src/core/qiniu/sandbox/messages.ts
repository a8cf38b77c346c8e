import type { SentRequest, StoredPart } from '../../transport/transport.js';

/** The number of a request whose place is given together with the upload. */
export const FIRST_REQUEST = 0;

/** One upload, as the page asks the sandbox to do it. */
export interface SdkUpload {
  readonly type: 'upload';
  readonly file: File;
  /** The name to send; the `File`'s own may differ. */
  readonly fname: string;
  readonly key: string | undefined;
  readonly token: string;
  /** Origin of the up host. */
  readonly host: string;
  /** Parts of one file in flight at once. */
  readonly concurrency: number;
  /** Whether the file goes in one form request, as files up to 4 MiB always do. */
  readonly asForm: boolean;
  /** Size of a part in MiB. */
  readonly partMiB: number;
  /** Whether the first request has its place already, under the number `FIRST_REQUEST`. */
  readonly isAdmitted: boolean;
  /** A multipart upload to go on with. */
  readonly stored: { readonly uploadId: string; readonly parts: readonly (StoredPart | null)[] } | undefined;
}

/** What the page says to the sandbox. */
export type SandboxCommand =
  /** The first of all, with the port that takes the answers. */
  | { readonly type: 'connect' }
  | SdkUpload
  /** A request that asked for a place has it. */
  | { readonly type: 'admit'; readonly request: number }
  /** Requests from now on carry this token. */
  | { readonly type: 'token'; readonly token: string };

/** A failure as qiniu-js tells it, in cloneable form. */
export interface SdkFailure {
  readonly name: string;
  readonly message: string;
  /** HTTP status; 0 when the host could not be reached; absent when no request failed. */
  readonly status: number | undefined;
  readonly reqid: string | undefined;
  /** The parsed error body, where it was JSON. */
  readonly body: unknown;
  /** Milliseconds that the last refusing answer asked to wait. */
  readonly retryAfter: number | undefined;
  /** With status 614: the hash that the file itself would have. */
  readonly hash: string | undefined;
}

/** What the sandbox says to the page. */
export type SandboxMessage =
  | { readonly type: 'ready' }
  /** A request waits for a place. @property bytes of the file that it will send */
  | { readonly type: 'request-waiting'; readonly request: number; readonly bytes: number }
  /** Bytes of a request's body are out. */
  | { readonly type: 'request-sent'; readonly request: number; readonly bytes: number }
  /** A request that had a place has ended. @property isAnswered whether with an answer */
  | { readonly type: 'request-ended'; readonly request: number; readonly isAnswered: boolean }
  /** What may be told of a request that was answered, or was not. */
  | { readonly type: 'request'; readonly request: SentRequest }
  | { readonly type: 'progress'; readonly sentBytes: number }
  /** The multipart upload has begun, or another of its parts is stored with the right bytes. */
  | { readonly type: 'stored'; readonly uploadId: string; readonly parts: readonly (StoredPart | null)[] }
  /** The last byte is out. */
  | { readonly type: 'sent' }
  /** @property hash what the object's hash must be, computed here */
  | { readonly type: 'success'; readonly response: unknown; readonly hash: string | undefined }
  | { readonly type: 'failure'; readonly failure: SdkFailure };
