import { callWithLimit } from '../net/abort.js';
import { backOffDelay } from '../net/back-off.js';
import { isRateLimit } from '../net/hold-control.js';
import { UploadError } from '../items/upload-error.js';
import type { UploadState } from '../items/upload-item.js';
import { readReply } from './upload-reply.js';
import { reportHold, type UploadRun } from './upload-run.js';

/**
 * Whether the file may be stored although its last request failed. Silence and a gateway's 5xx leave it open.
 *
 * So does a 612 where parts were stored a moment ago: browsers repeat a request on their own when a reused connection
 * breaks, and then the first of the two has completed the upload.
 * Source: https://source.chromium.org/chromium/chromium/src/+/main:net/http/http_network_transaction.cc,
 * `ShouldResendRequest`
 */
export function leavesDoubt({ status, code }: UploadError, hasStored: boolean): boolean {
  if (code === 'upload-expired') return hasStored;
  return status === undefined || (status >= 500 && status <= 599 && code !== 'callback-failed');
}

/**
 * What follows from asking the business server: the upload has ended, with its last state reported; the file is not
 * stored, but its parts still are; or it is not stored and its parts are of no use either.
 */
export type ConfirmOutcome = 'ended' | 'not-stored' | 'parts-lost';

/**
 * The file is stored, or may be, but the reply is missing: asks the business server, again and again where that fails.
 *
 * @param cause the failure that made it necessary
 * @throws the signal's reason when it is aborted meanwhile
 */
export async function confirmStored(run: UploadRun, cause: UploadError): Promise<ConfirmOutcome> {
  const { session, context, signal, report, pause } = run;
  const { confirm, retries, domain, providerTimeout } = context.settings;
  const { grant } = session;
  const isStored = cause.code === 'callback-failed';
  /** Under this key there is a file, and it remains to be seen whether it is this one. */
  const isConflict = cause.code === 'file-exists' && !session.mayBeStored;
  const error = isStored
    ? cause
    : new UploadError('reply-lost', 'All bytes were sent, but the reply was lost; the file may be stored.', { cause });
  const key = error.callback?.key ?? session.key;
  const hash = error.callback?.hash;
  const unconfirmed: UploadState = { status: 'unconfirmed', key, hash, error };
  session.unconfirmed = cause;
  if (isStored) report(unconfirmed);
  const onTimeout = (): UploadError =>
    new UploadError('token-timeout', `The confirm provider did not answer within ${providerTimeout / 1000} s.`);
  for (let failures = 0; confirm !== undefined && failures <= retries;) {
    if (!isStored) reportHold(run);
    await context.hold.ready(signal);
    try {
      const ask = (signal: AbortSignal): Promise<unknown> => confirm({ id: session.id, key, hash }, { signal });
      const response = await callWithLimit(ask, { signal, timeout: providerTimeout, onTimeout });
      const result = readReply({ response, key, hash }, isConflict ? 'exists' : 'confirm', grant, domain);
      session.unconfirmed = undefined;
      const isOther = isConflict && (result.hash === undefined || result.hash !== cause.fileHash);
      report(isOther ? { status: 'failed', error: cause } : { status: 'done', result });
      return 'ended';
    } catch (failure) {
      signal.throwIfAborted();
      const refusal = UploadError.from(failure);
      if (refusal.code === 'upload-unknown') return notStored();
      if (isRateLimit(refusal)) {
        context.hold.limit(refusal);
        continue;
      }
      // Without a network the question could not even be asked.
      if (context.connectivity.online) failures += 1;
      await pause.wait(backOffDelay(Math.max(1, failures)), signal);
    }
  }
  if (!isStored) report(unconfirmed);
  return 'ended';

  /** The business server knows of no such object. */
  function notStored(): ConfirmOutcome {
    if (isStored) return 'ended'; // Kodo said that it is: it stays unconfirmed
    session.unconfirmed = undefined;
    if (isConflict) {
      report({ status: 'failed', error: cause });
      return 'ended';
    }
    // The multipart upload is used up, or its key is taken; after silence or a 5xx it is still open.
    return cause.code === 'upload-expired' || cause.code === 'file-exists' ? 'parts-lost' : 'not-stored';
  }
}
