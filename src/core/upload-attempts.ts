import { backOffDelay } from './back-off.js';
import type { ConfirmProvider } from './confirm-endpoint.js';
import { delayOrOnline, untilOnline, type Connectivity } from './connectivity.js';
import { explain } from './explain-error.js';
import { HostList } from './host-list.js';
import { nextStep } from './next-step.js';
import { checkPolicyLimits } from './policy-limits.js';
import { ProgressMeter } from './progress-meter.js';
import { NO_PROGRESS } from './upload-progress.js';
import type { LeaseRequest, ResumeLease } from './resume-lease.js';
import type { RequestGate } from './request-gate.js';
import { TokenCell } from './token-cell.js';
import { TokenRenewal } from './token-renewal.js';
import type { TokenSource } from './token-source.js';
import { storedBytes, type SentRequest, type UploadReply, type UploadTransport } from './transport.js';
import { UploadError } from './upload-error.js';
import type { UploadFile, UploadState } from './upload-item.js';
import { leavesDoubt, settle } from './settle-upload.js';
import { isSentAsForm, partsAtOnce, partSizeOf } from './upload-plan.js';
import { checkHash, readReply } from './upload-reply.js';
import type { UploadSession } from './upload-session.js';
import { type KnownFile, type TokenRequest } from './token-endpoint.js';
import { isKnownFile, type UploadGrant } from './token-grant.js';

/** What one file's life needs from outside. */
export interface UploadSurroundings {
  readonly tokens: Pick<TokenSource, 'get' | 'forget'>;
  readonly confirm: ConfirmProvider | undefined;
  readonly transport: UploadTransport;
  readonly gate: RequestGate;
  readonly connectivity: Connectivity;
  /** Up hosts to use where the token route names none. */
  readonly hosts: readonly string[];
  /** The bucket's region, to name hosts where nobody else does. */
  readonly region: string | undefined;
  /** The bucket's domain, where the token route names none. */
  readonly domain: string | undefined;
  /** Takes the right to upload the file from this tab, with what an earlier visit left of it. */
  readonly lease: (request: Omit<LeaseRequest, 'scope'>) => Promise<ResumeLease>;
  /** Failures in a row, without progress in between, that are put up with. */
  readonly retries: number;
  /** Milliseconds without a byte after which an upload has stalled. */
  readonly stallTimeout: number;
  /** Whether the stored object's hash is compared with the file's. */
  readonly verify: boolean;
  /** Bytes per second, as measured last in this queue. */
  readonly speed: () => number | undefined;
  readonly onSpeed: (bytesPerSecond: number) => void;
  /** Kodo said that it gets too many requests (573). */
  readonly onRateLimited: () => void;
}

/** An upload to run, from the start or from where it was left. */
export interface UploadRun {
  readonly file: UploadFile;
  readonly session: UploadSession;
  readonly surroundings: UploadSurroundings;
  readonly signal: AbortSignal;
  /** Takes each state on the way, the last one included. */
  readonly report: (state: UploadState) => void;
  /** Takes each request that has ended. */
  readonly onRequest: (request: SentRequest) => void;
}

/** Why an attempt was stopped although nobody wanted to stop the upload. */
const OFFLINE = new UploadError('network', 'The browser is offline.');

/**
 * One file's life: token, attempt, and after a failure the next step, until it is `done`, `unconfirmed` or `failed`.
 *
 * What Kodo has of the file is never sent again: each attempt goes on from the parts of the one before.
 *
 * @throws the signal's reason when it was aborted
 */
export async function runUpload(run: UploadRun): Promise<void> {
  const { file, session, surroundings, signal, report } = run;
  const onElsewhere = (): void => report({ status: 'waiting', reason: { code: 'elsewhere' }, progress: NO_PROGRESS });
  const lease = await surroundings.lease({ file, session, signal, onElsewhere });
  try {
    await keepTrying(run, lease);
  } finally {
    lease.release();
  }
}

async function keepTrying(run: UploadRun, lease: ResumeLease): Promise<void> {
  const { file, session, surroundings, signal, report } = run;
  const { connectivity, retries, tokens } = surroundings;
  const meter = new ProgressMeter(file.size, (progress) => report({ status: 'uploading', progress }));
  const hosts = new HostList();
  let failures = 0;
  let wasRestarted = false;
  let wasRenewed = false;
  meter.begin(storedBytes(session.stored));
  try {
    for (;;) {
      if (!connectivity.online) {
        report({ status: 'waiting', reason: { code: 'offline' }, progress: meter.progress });
        await untilOnline(connectivity, signal);
      }
      const wasResumed = session.stored !== undefined;
      const bytesBefore = storedBytes(session.stored);
      try {
        report({ status: 'preparing', progress: meter.progress });
        const grant = session.grant ?? (await authorize(run));
        if (isKnownFile(grant)) {
          report({ status: 'done', result: readReply(grant, 'instant', grant, surroundings.domain) });
          return;
        }
        session.grant = grant;
        // Parts belong to a key: a business server that names another one has begun another upload.
        if (session.key !== grant.key) session.forgetParts();
        session.key = grant.key;
        checkPolicyLimits(file, grant.policy);
        session.host = await hosts.choose(grant, surroundings, session.host);
        signal.throwIfAborted();
        const reply = await attempt(run, grant, session.host, { meter, lease });
        const result = readReply({ ...grant, response: reply.response }, 'policy', grant, surroundings.domain);
        lease.forget();
        if (surroundings.verify) checkHash(result, reply.hash);
        report({ status: 'done', result });
        return;
      } catch (cause) {
        signal.throwIfAborted();
        if (cause === OFFLINE) continue;
        const error = await explain(UploadError.from(cause), file, session.grant?.clockError);
        if (storedBytes(session.stored) > bytesBefore) {
          failures = 0;
          wasRenewed = false;
          hosts.freshen();
        }
        failures += 1;
        const step = nextStep(error, {
          wasResumed,
          wasRestarted,
          wasRenewed,
          mayBeStored: session.mayBeStored,
          canConfirm: surroundings.confirm !== undefined,
          hasOtherHost: hosts.hasOther,
          failures,
          retries,
        });
        if (error.code === 'rate-limited') surroundings.onRateLimited();
        switch (step.kind) {
          case 'fail':
            report({ status: 'failed', error });
            return;
          case 'settle':
            if (await settle(run, error)) {
              lease.forget();
              return;
            }
            session.mayBeStored = false;
            await delayOrOnline(backOffDelay(failures), connectivity, signal);
            break;
          case 'renew':
            if (session.grant !== undefined) tokens.forget(session.grant);
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
            const pause = backOffDelay(failures, error.retryAfter);
            const until = Date.now() + pause;
            report({ status: 'waiting', reason: { code: 'back-off', until, error }, progress: meter.progress });
            await delayOrOnline(pause, connectivity, signal);
          }
        }
      }
    }
  } finally {
    meter.end();
  }
}

/** Asks for a token: for this very upload, once the business server has named it. */
async function authorize({ file, session, surroundings, signal }: UploadRun): Promise<UploadGrant | KnownFile> {
  const { name, size, type, path } = file;
  const request: TokenRequest = {
    name,
    size,
    type,
    ...(path === undefined ? {} : { path }),
    ...(session.id === undefined ? {} : { id: session.id }),
  };
  const grant = await surroundings.tokens.get(request, signal);
  if (!isKnownFile(grant)) session.id = grant.id ?? session.id;
  return grant;
}

/** Sends the file, or what Kodo does not have of it, once. */
async function attempt(
  run: UploadRun,
  grant: UploadGrant,
  host: string,
  { meter, lease }: { readonly meter: ProgressMeter; readonly lease: ResumeLease },
): Promise<UploadReply> {
  const { file, session, surroundings, report } = run;
  const { transport, gate, connectivity, stallTimeout } = surroundings;
  const stop = linkedController(run.signal);
  const goOffline = connectivity.subscribe(() => {
    if (!connectivity.online) stop.controller.abort(OFFLINE);
  });
  const token = new TokenCell(grant.token);
  const renewal = new TokenRenewal(grant, async () => {
    const renewed = await authorize(run);
    if (isKnownFile(renewed)) throw new UploadError('token-malformed', 'No token came for an upload that runs.');
    if (renewed.key !== grant.key) throw new UploadError('upload-unknown', 'The new token is for another key.');
    session.grant = renewed;
    token.renew(renewed.token);
    return renewed;
  });
  meter.begin(storedBytes(session.stored));
  report({ status: 'uploading', progress: meter.progress });
  let isSent = false;
  let hasStored = false;
  const partSize = session.stored?.partSize ?? partSizeOf(file.size);
  const asForm = session.stored === undefined && isSentAsForm(file.size, surroundings.speed());
  try {
    return await transport.upload(
      {
        file,
        token,
        policy: grant.policy,
        key: grant.key,
        host,
        stored: session.stored,
        asForm,
        partSize,
        partsAtOnce: partsAtOnce(partSize, surroundings.speed(), gate.limit),
      },
      {
        signal: stop.controller.signal,
        gate,
        stallTimeout,
        onProgress: (sentBytes) => {
          meter.update(sentBytes);
          renewal.expect(meter.progress.secondsLeft);
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
          const speed = meter.averageSpeed;
          if (speed !== undefined) surroundings.onSpeed(speed);
          meter.complete();
          report({ status: 'confirming', progress: meter.progress });
        },
      },
    );
  } catch (cause) {
    if (isSent && !run.signal.aborted && leavesDoubt(UploadError.from(cause), hasStored)) session.mayBeStored = true;
    throw cause;
  } finally {
    renewal.stop();
    goOffline();
    stop.unlink();
    meter.end();
  }
}

/** A controller that is aborted with the signal, and can be on its own. */
function linkedController(signal: AbortSignal): { readonly controller: AbortController; readonly unlink: () => void } {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return { controller, unlink: () => signal.removeEventListener('abort', onAbort) };
}
