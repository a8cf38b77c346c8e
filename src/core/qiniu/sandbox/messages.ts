import type { SentRequest } from '../../items/sent-request.js';
import type { StoredPart } from '../../transport/transport.js';

/** The number of a request that gets its slot together with the upload command. */
export const FIRST_REQUEST = 0;

/** The page's command to run one upload. */
export interface SdkUpload {
  readonly type: 'upload';
  readonly file: File;
  /** The file name to send, which may differ from the `File`'s name. */
  readonly fname: string;
  readonly key: string | undefined;
  readonly token: string;
  /** Origin of the up host. */
  readonly host: string;
  /** Number of parts to send concurrently. */
  readonly concurrency: number;
  /** Whether to send the file in one form request, as files up to 4 MiB always are. */
  readonly asForm: boolean;
  /** Part size in MiB. */
  readonly partMiB: number;
  /** Whether the first request already has a slot, with the number `FIRST_REQUEST`. */
  readonly isAdmitted: boolean;
  /** A multipart upload to resume. */
  readonly stored: { readonly uploadId: string; readonly parts: readonly (StoredPart | null)[] } | undefined;
}

/** A message from the page to the sandbox. */
export type SandboxCommand =
  /** The first command, with the port for the sandbox's messages. */
  | { readonly type: 'connect' }
  | SdkUpload
  /** A request gets its slot. */
  | { readonly type: 'admit'; readonly request: number }
  /** Sets the token for further requests. */
  | { readonly type: 'token'; readonly token: string };

/** A failure of qiniu-js, in cloneable form. */
export interface SdkFailure {
  readonly name: string;
  readonly message: string;
  /** HTTP status; 0 if the host could not be reached; `undefined` if no request failed. */
  readonly status: number | undefined;
  readonly reqid: string | undefined;
  /** The parsed error body, if it is JSON. */
  readonly body: unknown;
  /** `Retry-After` of the last error response, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** With status 614: the hash of the file that was to be uploaded. */
  readonly hash: string | undefined;
}

/** A message from the sandbox to the page. */
export type SandboxMessage =
  | { readonly type: 'ready' }
  /** A request waits for a slot. @property bytes bytes of the file in the request */
  | { readonly type: 'request-waiting'; readonly request: number; readonly bytes: number }
  /** Bytes of a request's body were sent. */
  | { readonly type: 'request-sent'; readonly request: number; readonly bytes: number }
  /** A request has released its slot. @property isAnswered whether there was a response */
  | { readonly type: 'request-ended'; readonly request: number; readonly isAnswered: boolean }
  /** The description of a request that has ended, with or without a response; without the token. */
  | { readonly type: 'request'; readonly request: SentRequest }
  | { readonly type: 'progress'; readonly sentBytes: number }
  /** The multipart upload was initiated, or another part is stored and verified. */
  | { readonly type: 'stored'; readonly uploadId: string; readonly parts: readonly (StoredPart | null)[] }
  /** The last byte was sent. */
  | { readonly type: 'sent' }
  /** @property hash the object's expected hash, computed from the file */
  | { readonly type: 'success'; readonly response: unknown; readonly hash: string | undefined }
  | { readonly type: 'failure'; readonly failure: SdkFailure };
