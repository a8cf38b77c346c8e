import { isRecord } from '../put-policy.js';
import { UploadError, type CallbackFailure, type UploadErrorCode, type UploadErrorDetails } from '../upload-error.js';
import type { SdkFailure } from './sandbox/messages.js';

/** Statuses that mean one thing each. Source: https://developer.qiniu.com/kodo/3928/error-responses */
const CODES: Readonly<Record<number, UploadErrorCode>> = {
  401: 'token-expired',
  403: 'forbidden',
  406: 'checksum-mismatch',
  413: 'too-large',
  414: 'key-too-long',
  419: 'account-disabled',
  573: 'rate-limited',
  579: 'callback-failed',
  599: 'server-error',
  612: 'upload-expired',
  614: 'file-exists',
  631: 'bucket-missing',
};

/** Turns what qiniu-js says of a failed upload into an `UploadError`. */
export function toUploadError(failure: SdkFailure, host: string): UploadError {
  const { name, message, status, reqid, body, retryAfter, hash } = failure;
  const serverMessage = isRecord(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
  const details: UploadErrorDetails = {
    host,
    ...(status === undefined || status === 0 ? {} : { status }),
    ...(reqid === undefined || reqid === '' ? {} : { reqid }),
    retryAfter,
    fileHash: hash,
    // The text of a 579 is JSON for machines; it goes into `callback` instead.
    ...(serverMessage === undefined || status === 579 ? {} : { serverMessage }),
  };
  if (name === 'SyntaxError') {
    return new UploadError('reply-unreadable', `${host} stored the file, but its reply is not JSON.`, {
      ...details,
      status: 200,
    });
  }
  if (name === 'checksum-mismatch') return new UploadError('checksum-mismatch', message, details);
  if (name === 'FileReaderReadFailed') {
    return new UploadError('file-unreadable', 'The file can no longer be read.', details);
  }
  if (status === 0) return new UploadError('network', `${host} could not be reached.`, details);
  if (status === undefined) return new UploadError('unknown', `qiniu-js failed: ${message}`, details);
  const code = codeOf(status, serverMessage);
  const text = `${host} answered ${status}${serverMessage === undefined || status === 579 ? '' : `: ${serverMessage}`}.`;
  return new UploadError(
    code,
    text,
    code === 'callback-failed' ? { ...details, callback: parseCallbackFailure(body) } : details,
  );
}

function codeOf(status: number, serverMessage = ''): UploadErrorCode {
  if (status === 400 && /incorrect (region|zone)/i.test(serverMessage)) return 'region-mismatch';
  if (status === 403 && serverMessage.startsWith('limited mimeType')) return 'type-forbidden';
  return CODES[status] ?? (status >= 500 ? 'server-error' : 'bad-request');
}

/**
 * Reads a 579's body, whose `error` is a string that holds JSON.
 * Source: recorded answers, e.g. https://github.com/cloudreve/Cloudreve/issues/113
 */
function parseCallbackFailure(body: unknown): CallbackFailure {
  const outer = isRecord(body) ? body : {};
  let inner: unknown;
  try {
    inner = typeof outer['error'] === 'string' ? JSON.parse(outer['error']) : undefined;
  } catch {
    inner = undefined; // an older or foreign wording: nothing more is known
  }
  const fields = { ...outer, error: undefined, ...(isRecord(inner) ? inner : {}) } as Record<string, unknown>;
  return {
    key: textOf(fields['key']),
    hash: textOf(fields['hash']),
    status: typeof fields['err_code'] === 'number' ? fields['err_code'] : undefined,
    message: textOf(fields['error']),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
