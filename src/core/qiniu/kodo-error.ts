import { isRecord } from '../shared/json.js';
import {
  UploadError,
  type CallbackFailure,
  type CallbackFailureReason,
  type UploadErrorCode,
  type UploadErrorDetails,
} from '../items/upload-error.js';
import type { SdkFailure } from './sandbox/messages.js';

/** Statuses with a single meaning. Source: https://developer.qiniu.com/kodo/3928/error-responses */
const CODES: Readonly<Record<number, UploadErrorCode>> = {
  401: 'token-expired',
  403: 'forbidden',
  406: 'checksum-mismatch',
  413: 'too-large',
  414: 'key-too-long',
  419: 'account-disabled',
  429: 'rate-limited',
  573: 'rate-limited',
  579: 'callback-failed',
  599: 'server-error',
  612: 'upload-expired',
  614: 'file-exists',
  631: 'bucket-missing',
};

/** Converts a failure of qiniu-js to an `UploadError`. */
export function toUploadError(failure: SdkFailure, host: string): UploadError {
  const { name, message, status, reqid, body, retryAfter, hash } = failure;
  const serverMessage = isRecord(body) && typeof body['error'] === 'string' ? body['error'] : undefined;
  const details: UploadErrorDetails = {
    host,
    ...(status === undefined || status === 0 ? {} : { status }),
    ...(reqid === undefined || reqid === '' ? {} : { reqid }),
    retryAfter,
    fileHash: hash,
    // The message of a 579 is JSON; `callback` contains its fields instead.
    ...(serverMessage === undefined || status === 579 ? {} : { serverMessage }),
  };
  if (name === 'SyntaxError') {
    return new UploadError('reply-unreadable', `${host} stored the file, but its response is not JSON.`, {
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
  if (code === 'callback-failed') {
    const callback = parseCallbackFailure(body);
    return new UploadError(code, explainCallback(host, callback), { ...details, callback });
  }
  return new UploadError(
    code,
    `${host} returned ${status}${serverMessage === undefined ? '' : `: ${serverMessage}`}.`,
    details,
  );
}

function codeOf(status: number, serverMessage = ''): UploadErrorCode {
  if (status === 400 && /incorrect (region|zone)/i.test(serverMessage)) return 'region-mismatch';
  if (status === 403 && serverMessage.startsWith('limited mimeType')) return 'type-forbidden';
  return CODES[status] ?? (status >= 500 ? 'server-error' : 'bad-request');
}

/**
 * Parses the body of a 579, whose `error` is a string that contains JSON.
 * Source: recorded responses, e.g. https://github.com/cloudreve/Cloudreve/issues/113
 */
function parseCallbackFailure(body: unknown): CallbackFailure {
  const outer = isRecord(body) ? body : {};
  let inner: unknown;
  try {
    inner = typeof outer['error'] === 'string' ? JSON.parse(outer['error']) : undefined;
  } catch {
    inner = undefined; // an unknown format
  }
  const fields = { ...outer, error: undefined, ...(isRecord(inner) ? inner : {}) } as Record<string, unknown>;
  const status = typeof fields['err_code'] === 'number' ? fields['err_code'] : undefined;
  const message = textOf(fields['error']);
  const reason = status === undefined ? undefined : reasonOf(status, message);
  return { key: textOf(fields['key']), hash: textOf(fields['hash']), reason, status, message };
}

/** Based on recorded responses: Kodo's own failures have its HTTP client's message, which begins with the method. */
function reasonOf(status: number, message = ''): CallbackFailureReason {
  if (status === 200) return 'not-json';
  if (status === 401 || status === 403) return 'forbidden';
  if (status !== 0 && !message.startsWith('Post ')) return 'refused';
  return /deadline exceeded|timeout/i.test(message) ? 'timeout' : 'unreachable';
}

/** Creates the error message, for the operator of the business server. */
function explainCallback(host: string, { reason, status, message }: CallbackFailure): string {
  const failure = `${host} stored the file, but the callback to the site failed (579): `;
  switch (reason) {
    case 'unreachable':
      return `${failure}Kodo cannot reach the callback URL, which must be public, not localhost: ${message ?? ''}`;
    case 'timeout':
      return `${failure}it did not respond in time. Respond first, then do long-running work.`;
    case 'not-json':
      return `${failure}its response is not JSON, possibly an HTML page. Return application/json with status 200.`;
    case 'forbidden':
      return `${failure}it returned ${status ?? ''}. Check its signature verification and any login or CSRF rules.`;
    case 'refused':
    case undefined:
      return `${failure}it returned ${status ?? 'an error'}${message === undefined ? '' : `: ${message}`}.`;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
