import { sendOnce } from './attempt.js';
import { backOffDelay } from '../net/back-off.js';
import { confirmStored } from './confirm-stored.js';
import { explain } from './explain-error.js';
import { HostList } from './host-list.js';
import { nextStep } from './next-step.js';
import { checkPolicyLimits } from '../token/policy-limits.js';
import { ProgressMeter } from './progress-meter.js';
import { isRateLimit } from '../net/hold-control.js';
import { requestToken } from './request-token.js';
import { RetryPause } from './retry-pause.js';
import { TokenCell } from '../transport/token-cell.js';
import { isKnownFile } from '../token/token-grant.js';
import { storedBytes } from '../transport/transport.js';
import type { UploadContext } from './upload-context.js';
import { UploadError, type UploadErrorCode } from '../items/upload-error.js';
import type { UploadFile } from '../items/upload-item.js';
import { smallerPartSize } from '../transport/upload-plan.js';
import { NO_PROGRESS } from '../items/upload-progress.js';
import { checkHash, readReply } from './upload-reply.js';
import { reportHold, type UploadRun } from './upload-run.js';
import { UploadSession } from '../resume/upload-session.js';

/** Maximum delay between two attempts while the browser is offline, in milliseconds. */
const MAX_OFFLINE_DELAY = 60_000;

/** Codes of errors that are expected while the browser is offline. */
const OFFLINE_CODES: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'network',
  'stalled',
  'token-unreachable',
  'token-timeout',
  'region-unknown',
  'engine-unavailable',
]);

/** Callbacks through which a run reports to its queue. */
export type UploadObserver = Pick<UploadRun, 'report' | 'onRequest'>;

/** One file's upload, with its state across attempts, pauses and retries. */
export class Upload {
  readonly #context: UploadContext;
  readonly #pause: RetryPause;
  #session = new UploadSession();
  /** Deletes its resume record; set on the first run. */
  #forget: (() => void) | undefined;

  constructor(context: UploadContext) {
    this.#context = context;
    this.#pause = new RetryPause(context.connectivity);
  }

  /**
   * Runs the upload until it is `done`, `unconfirmed` or `failed`. Each attempt continues the previous one: parts that
   * Kodo has are not sent again.
   *
   * @throws the signal's reason if it is aborted
   */
  async run(file: UploadFile, signal: AbortSignal, { report, onRequest }: UploadObserver): Promise<void> {
    const session = this.#session;
    const context = this.#context;
    const onElsewhere = (): void => report({ status: 'waiting', reason: { code: 'elsewhere' }, progress: NO_PROGRESS });
    const lease = await context.resume.lease({ file, session, signal, onElsewhere });
    this.#forget = lease.forget;
    const meter = new ProgressMeter(file.size, (progress) => report({ status: 'uploading', progress }));
    meter.begin(storedBytes(session.stored));
    try {
      await this.#runAttempts({ file, session, context, signal, report, onRequest, pause: this.#pause, meter, lease });
    } finally {
      meter.end();
      lease.release();
    }
  }

  /** Ends the hold and the retry delay, because an immediate retry was requested. */
  tryNow(): void {
    this.#context.hold.release();
    this.#pause.wake();
  }

  /** Discards the upload: deletes its state and resume record, and asks Kodo to delete its parts. */
  abandon(file: UploadFile): void {
    const { grant, stored, host } = this.#session;
    this.#session = new UploadSession();
    if (this.#forget === undefined) this.#context.resume.forget(file);
    else this.#forget();
    if (grant === undefined || stored === undefined || host === undefined) return;
    const { policy, key } = grant;
    void this.#context.transport.abandon({ token: new TokenCell(grant.token), policy, key, host, stored });
  }

  async #runAttempts(run: UploadRun): Promise<void> {
    const { file, session, context, signal, report, pause, meter, lease } = run;
    const { connectivity, hold } = context;
    const hosts = new HostList();
    let failures = 0;
    let offlineAttempts = 0;
    let wasRestarted = false;
    let wasRenewed = false;
    if (session.unconfirmed !== undefined && (await confirmStored(run, session.unconfirmed)) === 'ended') {
      lease.forget();
      return;
    }
    for (;;) {
      reportHold(run);
      await hold.ready(signal);
      const { settings } = context;
      const wasResumed = session.stored !== undefined;
      const bytesBefore = storedBytes(session.stored);
      try {
        report({ status: 'preparing', progress: meter.progress });
        const grant = session.grant ?? (await requestToken(run, () => reportHold(run)));
        if (isKnownFile(grant)) {
          report({ status: 'done', result: readReply(grant, 'instant', grant, settings.domain) });
          return;
        }
        session.grant = grant;
        // Parts belong to a key: a different key needs a new multipart upload.
        if (session.key !== grant.key) session.forgetParts();
        session.key = grant.key;
        checkPolicyLimits(file, grant.policy);
        const { upHosts, region } = settings;
        session.host = await hosts.choose(grant, { upHosts, region, transport: context.transport }, session.host);
        signal.throwIfAborted();
        const reply = await sendOnce(run, grant, session.host);
        const result = readReply({ ...grant, response: reply.response }, 'policy', grant, settings.domain);
        lease.forget();
        if (settings.verify) checkHash(result, reply.hash);
        context.sendMore();
        report({ status: 'done', result });
        return;
      } catch (cause) {
        signal.throwIfAborted();
        const error = await explain(UploadError.from(cause), file, session.grant?.clockError, signal);
        if (isRateLimit(error)) {
          hold.limit(error);
          // Kodo's limit applies to the whole account: lower concurrency helps.
          if (error.code === 'rate-limited' && error.host !== undefined) context.sendFewer();
          continue;
        }
        if (storedBytes(session.stored) > bytesBefore) {
          failures = 0;
          wasRenewed = false;
          session.stalls = 0;
          hosts.resetTried();
        }
        const canConfirm = settings.confirm !== undefined;
        if (!connectivity.online && OFFLINE_CODES.has(error.code) && !(session.mayBeStored && canConfirm)) {
          // Failures while offline do not count as retries.
          offlineAttempts += 1;
          report({ status: 'waiting', reason: { code: 'offline' }, progress: meter.progress });
          await pause.wait(offlineDelay(offlineAttempts), signal);
          continue;
        }
        offlineAttempts = 0;
        failures += 1;
        if (error.code === 'stalled') this.#useSmallerParts(run);
        const step = nextStep(error, {
          wasResumed,
          wasRestarted,
          wasRenewed,
          mayBeStored: session.mayBeStored,
          canConfirm,
          hasOtherHost: hosts.hasOther,
          failures,
          retries: settings.retries,
        });
        switch (step.kind) {
          case 'fail':
            hold.giveUp(error);
            report({ status: 'failed', error });
            return;
          case 'confirm': {
            const outcome = await confirmStored(run, error);
            if (outcome !== 'not-stored') lease.forget();
            if (outcome === 'ended') return;
            if (failures > settings.retries) {
              report({ status: 'failed', error });
              return;
            }
            if (outcome === 'parts-lost') session.forgetParts();
            session.mayBeStored = false;
            await pause.wait(backOffDelay(failures), signal);
            break;
          }
          case 'renew':
            if (session.grant !== undefined) context.tokens.forget(session.grant);
            session.grant = undefined;
            wasRenewed = true;
            failures -= 1;
            break;
          case 'restart':
            lease.forget();
            session.forgetParts();
            if (error.code === 'upload-unknown') session.reset();
            wasRestarted = true;
            break;
          case 'other-host':
            session.host = hosts.next();
            failures -= 1;
            break;
          case 'named-host':
            session.host = hosts.use(step.host);
            break;
          case 'wait': {
            hosts.resetTried();
            session.host = hosts.next();
            const milliseconds = backOffDelay(failures, error.retryAfter);
            const until = Date.now() + milliseconds;
            report({ status: 'waiting', reason: { code: 'back-off', until, error }, progress: meter.progress });
            await pause.wait(milliseconds, signal);
          }
        }
      }
    }
  }

  /** Reduces the part size on a connection that stalls, unless parts are already stored. */
  #useSmallerParts({ file, session, context, lease }: UploadRun): void {
    session.stalls += 1;
    if (storedBytes(session.stored) > 0) return;
    const { grant, stored, host } = session;
    const smaller = smallerPartSize(file.size, stored?.partSize ?? session.partSize);
    if (smaller === undefined) return;
    session.partSize = smaller;
    if (grant === undefined || stored === undefined || host === undefined) return;
    const { policy, key } = grant;
    void context.transport.abandon({ token: new TokenCell(grant.token), policy, key, host, stored });
    lease.forget();
    session.stored = undefined;
  }
}

/** Returns the milliseconds until the next attempt while offline: 2 s, doubled up to a minute, with jitter. */
function offlineDelay(attempts: number): number {
  return Math.min(MAX_OFFLINE_DELAY, 1000 * 2 ** attempts) * (0.75 + Math.random() / 4);
}
