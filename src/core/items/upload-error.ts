/**
 * The code of an upload error. `i18n/` has the interface text for each code; `message` is for developers.
 *
 * Kodo's statuses: https://developer.qiniu.com/kodo/3928/error-responses
 */
export type UploadErrorCode =
  /** The token route could not be reached (network, DNS, CORS). */
  | 'token-unreachable'
  /** The token route or provider, or the confirm route or provider, did not respond in time. */
  | 'token-timeout'
  /** The token route returned 401, 403, 419 or 440, or redirected to a page: not signed in, or not allowed. */
  | 'token-refused'
  /** The token route returned 5xx, 408, 421, 423 or 425: a retry of the same request may succeed. */
  | 'token-server-error'
  /** The token route returned another status: it rejected the request. */
  | 'token-denied'
  /** The token route returned 404, 409 or 410 for an upload's `id`, or the confirm route a permanent 4xx. */
  | 'upload-unknown'
  /** The response of the token or confirm route is an HTML page or otherwise not JSON. */
  | 'token-unreadable'
  /** The token is empty or not of the form `accessKey:sign:policy`. */
  | 'token-malformed'
  /** Neither a token endpoint nor a token provider is set. */
  | 'token-source-missing'
  /** The up hosts of the bucket could not be determined. */
  | 'region-unknown'
  /** The upload host could not be reached (network, DNS, CORS, CSP, blocked). */
  | 'network'
  /** No data was transferred for too long (`stallTimeout`). */
  | 'stalled'
  /** Kodo 401: the token is wrong or has expired. */
  | 'token-expired'
  /** Smaller than the policy's `fsizeMin`. */
  | 'too-small'
  /** Kodo 403: the policy forbids the upload (key outside the scope, …). */
  | 'forbidden'
  /** Kodo 403 with `limited mimeType`, or the token route's 415: the content type is not allowed. */
  | 'type-forbidden'
  /** Kodo 413: larger than the policy's `fsizeLimit`; or the token route's 413. */
  | 'too-large'
  /** Kodo 414: the key is longer than 750 bytes. */
  | 'key-too-long'
  /** Kodo 419: the account is suspended. */
  | 'account-disabled'
  /** Kodo 406, or a part's etag differs: the received bytes differ from the sent ones. */
  | 'checksum-mismatch'
  /** Rate limit of the token route, the confirm route or Kodo: 429, or Kodo's 573. */
  | 'rate-limited'
  /** Kodo 579: the file is stored, but the business server's callback failed. */
  | 'callback-failed'
  /** Kodo 612: the multipart upload is unknown or has expired. */
  | 'upload-expired'
  /** Kodo 614: a different file is stored under this key. */
  | 'file-exists'
  /** Kodo 631: the bucket does not exist. */
  | 'bucket-missing'
  /** Kodo 400 with the correct host: the bucket is in another region. */
  | 'region-mismatch'
  /** Kodo 400 or another 4xx: the request is invalid. */
  | 'bad-request'
  /** Kodo 5xx: the service failed. */
  | 'server-error'
  /** All bytes were sent, but no response was received; the file may be stored. */
  | 'reply-lost'
  /** Kodo returned 200, but the response is not JSON. */
  | 'reply-unreadable'
  /** The file can no longer be read. */
  | 'file-unreadable'
  /** The file has changed on disk since it was chosen. */
  | 'file-changed'
  /** The stored object differs from the file: the hashes don't match. */
  | 'hash-mismatch'
  /** The upload engine could not be loaded. */
  | 'engine-unavailable'
  /** The page's `validator` or `beforeUpload` did not return in time (`hookTimeout`). */
  | 'hook-timeout'
  /** Any other error. */
  | 'unknown';

/**
 * Why a callback failed: Kodo could not reach its URL (`unreachable`), it did not respond in time (`timeout`), its
 * response is not JSON (`not-json`), it returned 401 or 403, usually from its signature check (`forbidden`), or it
 * returned another status than 200 (`refused`).
 */
export type CallbackFailureReason = 'unreachable' | 'timeout' | 'not-json' | 'forbidden' | 'refused';

/** Details of a failed callback (Kodo 579). The object is stored nevertheless. */
export interface CallbackFailure {
  /** The stored object's key. */
  readonly key: string | undefined;
  /** The stored object's hash. */
  readonly hash: string | undefined;
  /** `undefined` if Kodo's response has an unknown format. */
  readonly reason: CallbackFailureReason | undefined;
  /** HTTP status of the business server's response, or 502 if it could not be reached. */
  readonly status: number | undefined;
  /** Error message of Kodo or the business server. */
  readonly message: string | undefined;
}

/** Details of an upload error; all are optional. */
export interface UploadErrorDetails {
  /** The underlying error, if any. Must not contain a token. */
  readonly cause?: unknown;
  /** HTTP status of the response that caused the error. */
  readonly status?: number | undefined;
  /** Kodo's request ID (`X-Reqid`), to quote to Qiniu's support. */
  readonly reqid?: string | undefined;
  /** Origin of the host that responded or could not be reached. */
  readonly host?: string | undefined;
  /** The server's error message, as plain text. */
  readonly serverMessage?: string | undefined;
  /** The server's `Retry-After` in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** Only with `callback-failed`. */
  readonly callback?: CallbackFailure | undefined;
  /** Only with `file-exists`: the hash (Qiniu's etag) of the file that was to be uploaded. */
  readonly fileHash?: string | undefined;
}

/** Codes of errors where simply retrying can succeed. */
const RETRYABLE: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'token-unreachable',
  'token-timeout',
  'token-refused',
  'token-server-error',
  'token-unreadable',
  'token-malformed',
  'region-unknown',
  'network',
  'stalled',
  'token-expired',
  'upload-unknown',
  'reply-lost',
  'checksum-mismatch',
  'rate-limited',
  'upload-expired',
  'server-error',
  'hash-mismatch',
  'engine-unavailable',
  'hook-timeout',
  'file-unreadable',
  'unknown',
]);

/** Names of the errors that browsers throw if a file on disk is missing, has changed or may not be read. */
const UNREADABLE = ['NotReadableError', 'NotFoundError'];

/**
 * Why an upload failed. Never contains the upload token.
 */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  /** What failed. */
  readonly code: UploadErrorCode;
  /** HTTP status of the response that caused the error. */
  readonly status: number | undefined;
  /** Kodo's request ID (`X-Reqid`), to quote to Qiniu's support. */
  readonly reqid: string | undefined;
  /** Origin of the host that responded or could not be reached. */
  readonly host: string | undefined;
  /** The server's error message, as plain text. */
  readonly serverMessage: string | undefined;
  /** The server's `Retry-After` in milliseconds. */
  readonly retryAfter: number | undefined;
  /** Only with `callback-failed`: what Kodo reported about the callback. */
  readonly callback: CallbackFailure | undefined;
  /** Only with `file-exists`: the hash (Qiniu's etag) of the file that was to be uploaded. */
  readonly fileHash: string | undefined;

  constructor(code: UploadErrorCode, message: string, details: UploadErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.reqid = details.reqid;
    this.host = details.host;
    this.serverMessage = details.serverMessage;
    this.retryAfter = details.retryAfter;
    this.callback = details.callback;
    this.fileHash = details.fileHash;
  }

  /** Whether a retry can succeed without changing the file or the page. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }

  /** Converts any thrown value to an `UploadError`; returns an `UploadError` unchanged. */
  static from(cause: unknown): UploadError {
    if (cause instanceof UploadError) return cause;
    if (cause instanceof DOMException && UNREADABLE.includes(cause.name)) {
      return new UploadError('file-unreadable', 'The file can no longer be read.', { cause });
    }
    const message = cause instanceof Error ? cause.message : String(cause);
    return new UploadError('unknown', message, { cause });
  }
}
