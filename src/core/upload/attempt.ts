import { linkAbort } from '../net/abort.js';
import { isOutcomeUnknown } from './confirm-stored.js';
import { requestToken } from './request-token.js';
import { TokenCell } from '../transport/token-cell.js';
import { isKnownFile, type UploadGrant } from '../token/token-grant.js';
import { TokenRenewal } from '../token/token-renewal.js';
import { storedBytes, type UploadReply } from '../transport/transport.js';
import { UploadError } from '../items/upload-error.js';
import { isSentAsForm, partsAtOnce, partSizeOf } from '../transport/upload-plan.js';
import type { UploadRun } from './upload-run.js';

/** Milliseconds without progress after which an attempt is aborted once the browser has gone offline. */
const OFFLINE_GRACE = 3000;

/** Minimum bytes for a meaningful speed measurement. */
const MIN_SAMPLE_BYTES = 1024 * 1024;

/**
 * Makes one attempt to send the file, or the parts of it that Kodo does not have.
 *
 * @throws {UploadError} or the signal's reason if it is aborted
 */
export async function sendOnce(run: UploadRun, grant: UploadGrant, host: string): Promise<UploadReply> {
  const { file, session, context, report, meter, lease } = run;
  const { transport, gate, settings } = context;
  const { controller, unlink } = linkAbort(run.signal);
  const token = new TokenCell(grant.token);
  const renewal = new TokenRenewal(grant, async () => {
    const renewed = await requestToken(run);
    if (isKnownFile(renewed))
      throw new UploadError('token-malformed', 'The token response for a running upload has no token.');
    if (renewed.key !== grant.key) throw new UploadError('upload-unknown', 'The new token is for a different key.');
    session.grant = renewed;
    token.renew(renewed.token);
    return renewed;
  });
  const alreadyStored = storedBytes(session.stored);
  const startedAt = performance.now();
  let sentBytes = alreadyStored;
  let isSent = false;
  let hasStored = false;
  meter.begin(alreadyStored);
  report({ status: 'uploading', progress: meter.progress });
  const partSize = session.stored?.partSize ?? session.partSize ?? partSizeOf(file.size);
  const asForm =
    session.stored === undefined && session.partSize === undefined && isSentAsForm(file.size, context.speed);
  const watch = watchNetwork(run, controller, () => (isSent ? undefined : sentBytes));
  /** Call it only after the response: a proxy may buffer bytes faster than it forwards them. */
  const measureSpeed = (): void => {
    const bytes = file.size - alreadyStored;
    if (bytes >= MIN_SAMPLE_BYTES) context.speed = (bytes / (performance.now() - startedAt)) * 1000;
  };
  try {
    const reply = await transport.upload(
      {
        file,
        token,
        policy: grant.policy,
        key: grant.key,
        host,
        stored: session.stored,
        asForm,
        partSize,
        partsAtOnce: partsAtOnce(partSize, context.speed, gate.limit),
      },
      {
        signal: controller.signal,
        gate,
        stallTimeout: settings.stallTimeout,
        stalls: session.stalls,
        onProgress: (bytes) => {
          sentBytes = bytes;
          meter.update(bytes);
          renewal.renewIfTooShort(meter.progress.secondsLeft);
        },
        onRequest: run.onRequest,
        onStored: (stored) => {
          session.stored = stored;
          hasStored ||= stored.parts.length > 0;
          lease.save(session);
        },
        onSent: () => {
          isSent = true;
          lease.save({ ...session, mayBeStored: true });
          if (session.stored !== undefined) measureSpeed(); // all parts have a response by now
          meter.complete();
          report({ status: 'confirming', progress: meter.progress });
        },
      },
    );
    if (session.stored === undefined) measureSpeed();
    return reply;
  } catch (cause) {
    if (isSent && !run.signal.aborted && isOutcomeUnknown(UploadError.from(cause), hasStored))
      session.mayBeStored = true;
    throw cause;
  } finally {
    renewal.stop();
    watch.stop();
    unlink();
    meter.end();
  }
}

/**
 * Aborts an attempt when the browser goes offline and no more bytes are sent. `navigator.onLine` alone can be wrong.
 *
 * @param sentBytes returns the bytes sent so far; `undefined` if none are left to send
 */
function watchNetwork(
  { context: { connectivity } }: UploadRun,
  controller: AbortController,
  sentBytes: () => number | undefined,
): { readonly stop: () => void } {
  let timeoutId: ReturnType<typeof setTimeout> | undefined;
  const check = (before: number): void => {
    clearTimeout(timeoutId);
    timeoutId = setTimeout(() => {
      const now = sentBytes();
      if (connectivity.online || now === undefined) return;
      if (now > before) check(now);
      else controller.abort(new UploadError('network', 'The browser is offline and no data is being sent.'));
    }, OFFLINE_GRACE);
  };
  const unsubscribe = connectivity.subscribe(() => {
    const bytes = sentBytes();
    if (!connectivity.online && bytes !== undefined) check(bytes);
  });
  return {
    stop() {
      clearTimeout(timeoutId);
      unsubscribe();
    },
  };
}
