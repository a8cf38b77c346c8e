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

/** Longest wait between two tries while the browser reports no network, in milliseconds. */
const LONGEST_OFFLINE_WAIT = 60_000;

/** Codes that are no surprise while the browser reports no network. */
const OFFLINE_CODES: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'network',
  'stalled',
  'token-unreachable',
  'token-timeout',
  'region-unknown',
  'engine-unavailable',
]);

/** What a run tells its queue. */
export type UploadObserver = Pick<UploadRun, 'report' | 'onRequest'>;

/** One file's upload, with all that is kept of it between attempts, pauses and retries. */
export class Upload {
  readonly #context: UploadContext;
  readonly #pause: RetryPause;
  #session = new UploadSession();
  /** Removes what is remembered of it over a reload; there from its first run on. */
  #forget: (() => void) | undefined;

  constructor(context: UploadContext) {
    this.#context = context;
    this.#pause = new RetryPause(context.connectivity);
  }

  /**
   * Uploads the file until it is `done`, `unconfirmed` or `failed`. Parts that Kodo has are never sent again: each
   * attempt continues from the one before.
   *
   * @throws the signal's reason when it was aborted
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
      await this.#keepTrying({ file, session, context, signal, report, onRequest, pause: this.#pause, meter, lease });
    } finally {
      meter.end();
      lease.release();
    }
  }

  /** Ends a wait for the next try: the visitor wants it now. */
  tryNow(): void {
    this.#context.hold.release();
    this.#pause.wake();
  }

  /** Gives the upload up: nothing of it is remembered, and Kodo is asked to delete its parts. */
  abandon(file: UploadFile): void {
    const { grant, stored, host } = this.#session;
    this.#session = new UploadSession();
    if (this.#forget === undefined) this.#context.resume.forget(file);
    else this.#forget();
    if (grant === undefined || stored === undefined || host === undefined) return;
    const { policy, key } = grant;
    void this.#context.transport.abandon({ token: new TokenCell(grant.token), policy, key, host, stored });
  }

  async #keepTrying(run: UploadRun): Promise<void> {
    const { file, session, context, signal, report, pause, meter, lease } = run;
    const { connectivity, hold } = context;
    const hosts = new HostList();
    let failures = 0;
    let offlineTries = 0;
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
        // Parts belong to a key: another key means another upload.
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
          // Kodo's own limit counts requests of the whole account: fewer at once help.
          if (error.code === 'rate-limited' && error.host !== undefined) context.sendFewer();
          continue;
        }
        if (storedBytes(session.stored) > bytesBefore) {
          failures = 0;
          wasRenewed = false;
          session.stalls = 0;
          hosts.freshen();
        }
        const canConfirm = settings.confirm !== undefined;
        if (!connectivity.online && OFFLINE_CODES.has(error.code) && !(session.mayBeStored && canConfirm)) {
          // A try that fails without a network says nothing about the upload, and is not counted.
          offlineTries += 1;
          report({ status: 'waiting', reason: { code: 'offline' }, progress: meter.progress });
          await pause.wait(offlineWait(offlineTries), signal);
          continue;
        }
        offlineTries = 0;
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
            hosts.freshen();
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

  /** On a line that stalls, a smaller part has a better chance to be kept. What is stored already keeps its size. */
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

/** Milliseconds until the next try while the browser reports no network: 2 s, doubled up to a minute, with jitter. */
function offlineWait(tries: number): number {
  return Math.min(LONGEST_OFFLINE_WAIT, 1000 * 2 ** tries) * (0.75 + Math.random() / 4);
}
