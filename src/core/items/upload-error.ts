/**
 * Everything that can end an upload, as a code. What people read is written per code in `i18n/`;
 * `message` is for the developer's console.
 *
 * Kodo's statuses: https://developer.qiniu.com/kodo/3928/error-responses
 */
export type UploadErrorCode =
  /** The token route could not be reached (network, DNS, CORS). */
  | 'token-unreachable'
  /** The token route did not answer in time. */
  | 'token-timeout'
  /** The token route answered 401, 403, 419 or 440, or redirected to a page: the visitor must sign in, or may not upload. */
  | 'token-refused'
  /** The token route answered 5xx, 408, 421, 423 or 425: the same request may be accepted in a moment. */
  | 'token-server-error'
  /** The token route answered another 4xx: it does not accept this request. */
  | 'token-denied'
  /** Asked to renew a token, the route answered 404, 409 or 410: it has no such upload. */
  | 'upload-unknown'
  /** The token route's answer is an HTML page or something else that cannot be read. */
  | 'token-unreadable'
  /** The token is empty or not of the form `accessKey:sign:policy`. */
  | 'token-malformed'
  /** No token endpoint and no token provider was given. */
  | 'token-source-missing'
  /** Which host serves the bucket could not be found out. */
  | 'region-unknown'
  /** The upload host could not be reached (network, DNS, CORS, CSP, blocked). */
  | 'network'
  /** No byte went out and none came back for too long. */
  | 'stalled'
  /** Kodo 401: the token is wrong or has expired. */
  | 'token-expired'
  /** Smaller than the policy's `fsizeMin`. */
  | 'too-small'
  /** Kodo 403: the policy forbids it (key outside the scope, …). */
  | 'forbidden'
  /** Kodo 403 with `limited mimeType`: the policy forbids this type of content. */
  | 'type-forbidden'
  /** Kodo 413: larger than the policy's `fsizeLimit`. */
  | 'too-large'
  /** Kodo 414: the key is longer than 750 bytes. */
  | 'key-too-long'
  /** Kodo 419: the account is suspended. */
  | 'account-disabled'
  /** Kodo 406: the bytes that arrived are not the bytes that were sent. */
  | 'checksum-mismatch'
  /** The token route, the confirm route or Kodo limits the rate: 429, or Kodo's 573. */
  | 'rate-limited'
  /** Kodo 579: the file is stored, but the business server's callback failed. */
  | 'callback-failed'
  /** Kodo 612: the multipart upload is unknown or has expired. */
  | 'upload-expired'
  /** Kodo 614: another file is stored under this key. */
  | 'file-exists'
  /** Kodo 631: the bucket does not exist. */
  | 'bucket-missing'
  /** Kodo 400 naming the right host: the bucket lives in another region. */
  | 'region-mismatch'
  /** Kodo 400: a request that Kodo does not accept. */
  | 'bad-request'
  /** Kodo 5xx: the service failed. */
  | 'server-error'
  /** All bytes were sent, but no reply came back; the file may be stored. */
  | 'reply-lost'
  /** Kodo answered 200, but the reply is not JSON. */
  | 'reply-unreadable'
  /** The file can no longer be read. */
  | 'file-unreadable'
  /** The file has changed on disk since it was chosen. */
  | 'file-changed'
  /** The stored object is not the file: its hash differs. */
  | 'hash-mismatch'
  /** The upload engine could not be loaded. */
  | 'engine-unavailable'
  /** The page's `validator` or `beforeUpload` did not return in time (`hookTimeout`). */
  | 'hook-timeout'
  /** Anything that is none of the above. */
  | 'unknown';

/**
 * Why a callback failed: its address could not be reached from Kodo, it did not answer in time, it answered something
 * that is no JSON (a page, say), it was forbidden (401 or 403: mostly its check of the signature), or it answered
 * another status than 200.
 */
export type CallbackFailureReason = 'unreachable' | 'timeout' | 'not-json' | 'forbidden' | 'refused';

/** What Kodo says of a callback that failed (579); the object is stored all the same. */
export interface CallbackFailure {
  /** The stored object's key. */
  readonly key: string | undefined;
  /** The stored object's hash. */
  readonly hash: string | undefined;
  /** Absent where Kodo's words are not the known ones. */
  readonly reason: CallbackFailureReason | undefined;
  /** What the business server answered: its status, or 502 where it could not be reached. */
  readonly status: number | undefined;
  /** What went wrong, in Kodo's or the business server's words. */
  readonly message: string | undefined;
}

/** What is known about a failure besides its code; everything is optional. */
export interface UploadErrorDetails {
  /** The underlying failure, where there is one. Never carries a token. */
  readonly cause?: unknown;
  /** HTTP status of the answer that ended the upload. */
  readonly status?: number | undefined;
  /** Kodo's request id (`X-Reqid`), which Qiniu's support asks for. */
  readonly reqid?: string | undefined;
  /** Origin of the host that answered or could not be reached. */
  readonly host?: string | undefined;
  /** The server's own words, as plain text. */
  readonly serverMessage?: string | undefined;
  /** Milliseconds the server asks to wait (`Retry-After`). */
  readonly retryAfter?: number | undefined;
  /** With `callback-failed` only. */
  readonly callback?: CallbackFailure | undefined;
  /** With `file-exists` only: the hash that the file itself would have. */
  readonly fileHash?: string | undefined;
}

/** Codes after which the same request has a chance when it is simply made again. */
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

/** What browsers throw when a file on disk is gone, has changed or must not be read. */
const UNREADABLE = ['NotReadableError', 'NotFoundError'];

/**
 * Why an upload failed, with what a person needs to act on it.
 *
 * It never carries the upload token.
 */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly code: UploadErrorCode;
  readonly status: number | undefined;
  readonly reqid: string | undefined;
  readonly host: string | undefined;
  readonly serverMessage: string | undefined;
  readonly retryAfter: number | undefined;
  readonly callback: CallbackFailure | undefined;
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

  /** Whether trying again, without changing the file or the page, can succeed. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }

  /** Wraps whatever was thrown; an `UploadError` is returned as it is. */
  static from(cause: unknown): UploadError {
    if (cause instanceof UploadError) return cause;
    if (cause instanceof DOMException && UNREADABLE.includes(cause.name)) {
      return new UploadError('file-unreadable', 'The file can no longer be read.', { cause });
    }
    const message = cause instanceof Error ? cause.message : String(cause);
    return new UploadError('unknown', message, { cause });
  }
}
