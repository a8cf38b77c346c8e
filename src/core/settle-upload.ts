import { backOffDelay, delay } from './back-off.js';
import type { UploadRun } from './upload-attempts.js';
import { UploadError } from './upload-error.js';
import type { UploadState } from './upload-item.js';
import { readReply } from './upload-reply.js';

/**
 * Whether the file may be stored although its last request failed: silence and a gateway's 5xx do not say.
 *
 * Neither does a 612 where parts were stored a moment ago: browsers send a request again on their own when a
 * connection that was used before breaks, and then the first one has completed the upload.
 * Source: https://source.chromium.org/chromium/chromium/src/+/main:net/http/http_network_transaction.cc,
 * `ShouldResendRequest`
 */
export function leavesDoubt({ status, code }: UploadError, hasStored: boolean): boolean {
  if (code === 'upload-expired') return hasStored;
  return status === undefined || (status >= 500 && status <= 599 && code !== 'callback-failed');
}

/**
 * Stored, as far as can be known, but nobody has said so: asks the business server, patiently.
 *
 * @returns whether the upload is over; not, when the business server says that nothing is stored
 */
export async function settle(run: UploadRun, cause: UploadError): Promise<boolean> {
  const { session, surroundings, signal, report } = run;
  const { confirm, retries, domain } = surroundings;
  const { grant } = session;
  const isStored = cause.code === 'callback-failed';
  const error = isStored
    ? cause
    : new UploadError('reply-lost', 'All bytes were sent, but the reply was lost; the file may be stored.', { cause });
  const key = error.callback?.key ?? grant?.key;
  const hash = error.callback?.hash;
  const unconfirmed: UploadState = { status: 'unconfirmed', key, hash, error };
  if (isStored) report(unconfirmed);
  for (let failures = 1; confirm !== undefined && failures <= retries + 1; failures += 1) {
    try {
      const response = await confirm({ id: session.id, key, hash }, { signal });
      const exists = cause.code === 'file-exists' && !session.mayBeStored;
      const result = readReply({ response, key, hash }, exists ? 'exists' : 'confirm', grant, domain);
      // Under this key there is a file, but is it this one?
      if (exists && (result.hash === undefined || result.hash !== cause.fileHash))
        report({ status: 'failed', error: cause });
      else report({ status: 'done', result });
      return true;
    } catch (failure) {
      signal.throwIfAborted();
      if (UploadError.from(failure).code === 'upload-unknown') return notStored();
      await delay(backOffDelay(failures), signal);
    }
  }
  if (!isStored) report(unconfirmed);
  return true;

  /** The business server knows of no such object. */
  function notStored(): boolean {
    if (isStored) return true; // Kodo said so: it stays unconfirmed
    if (cause.code === 'file-exists' && !session.mayBeStored) {
      report({ status: 'failed', error: cause });
      return true;
    }
    if (cause.status !== undefined && cause.status < 599) session.forgetParts(); // 612, 614: nothing to go on with
    return false;
  }
}
