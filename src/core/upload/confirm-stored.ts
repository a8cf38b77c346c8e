import { callWithLimit } from '../net/abort.js';
import { backOffDelay } from '../net/back-off.js';
import { isRateLimit } from '../net/hold-control.js';
import { UploadError } from '../items/upload-error.js';
import type { UploadState } from '../items/upload-item.js';
import { readReply } from './upload-reply.js';
import { reportHold, type UploadRun } from './upload-run.js';

/**
 * Whether the file may be stored although its last request failed: after no response or a gateway's 5xx.
 *
 * Also after a 612 if this attempt stored parts: browsers resend a request when a reused connection breaks, and the
 * first of the two may have completed the upload.
 * Source: https://source.chromium.org/chromium/chromium/src/+/main:net/http/http_network_transaction.cc,
 * `ShouldResendRequest`
 */
export function isOutcomeUnknown({ status, code }: UploadError, hasStored: boolean): boolean {
  if (code === 'upload-expired') return hasStored;
  return status === undefined || (status >= 500 && status <= 599 && code !== 'callback-failed');
}

/**
 * The outcome of a confirmation. `ended`: the upload has ended and its final state was reported. `not-stored`: the file
 * is not stored, but its parts still are. `parts-lost`: the file is not stored and its parts cannot be used.
 */
export type ConfirmOutcome = 'ended' | 'not-stored' | 'parts-lost';

/**
 * Confirms with the business server an upload that is or may be stored, but has no response. Retries on failure.
 *
 * @param cause the error that requires the confirmation
 * @throws the signal's reason if it is aborted meanwhile
 */
export async function confirmStored(run: UploadRun, cause: UploadError): Promise<ConfirmOutcome> {
  const { session, context, signal, report, pause } = run;
  const { confirm, retries, domain, providerTimeout } = context.settings;
  const { grant } = session;
  const isStored = cause.code === 'callback-failed';
  /** The key is taken, by this file or a different one. */
  const isConflict = cause.code === 'file-exists' && !session.mayBeStored;
  const error = isStored
    ? cause
    : new UploadError('reply-lost', 'All bytes were sent, but no response was received; the file may be stored.', {
        cause,
      });
  const key = error.callback?.key ?? session.key;
  const hash = error.callback?.hash;
  const unconfirmed: UploadState = { status: 'unconfirmed', key, hash, error };
  session.unconfirmed = cause;
  if (isStored) report(unconfirmed);
  const onTimeout = (): UploadError =>
    new UploadError('token-timeout', `The confirm provider did not respond within ${providerTimeout / 1000} s.`);
  for (let failures = 0; confirm !== undefined && failures <= retries;) {
    if (!isStored) reportHold(run);
    await context.hold.ready(signal);
    try {
      const call = (signal: AbortSignal): Promise<unknown> => confirm({ id: session.id, key, hash }, { signal });
      const response = await callWithLimit(call, { signal, timeout: providerTimeout, onTimeout });
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
      // Failures while offline do not count as retries.
      if (context.connectivity.online) failures += 1;
      await pause.wait(backOffDelay(Math.max(1, failures)), signal);
    }
  }
  if (!isStored) report(unconfirmed);
  return 'ended';

  /** The business server does not know the upload. */
  function notStored(): ConfirmOutcome {
    if (isStored) return 'ended'; // Kodo reported it as stored: it stays unconfirmed
    session.unconfirmed = undefined;
    if (isConflict) {
      report({ status: 'failed', error: cause });
      return 'ended';
    }
    // The multipart upload no longer exists, or its key is taken; after no response or a 5xx it is still open.
    return cause.code === 'upload-expired' || cause.code === 'file-exists' ? 'parts-lost' : 'not-stored';
  }
}
