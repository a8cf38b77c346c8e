import { untilAborted } from '../net/abort.js';
import type { ReleaseRequest } from '../net/request-gate.js';
import type { PutPolicy } from '../transport/put-policy.js';
import type {
  AbandonedUpload,
  UploadJob,
  UploadJobOptions,
  UploadReply,
  UploadTransport,
} from '../transport/transport.js';
import { UploadError } from '../items/upload-error.js';
import { abandonParts } from './abandon.js';
import { toUploadError } from './kodo-error.js';
import { FIRST_REQUEST, type SandboxMessage } from './sandbox/messages.js';
import { openSandbox, SANDBOX_URL, type SdkSandbox } from './open-sandbox.js';
import { IdleWatch } from './idle-watch.js';
import { lineTo, type WatchedRequest } from './line-watch.js';
import { RegionQuery, REGION_QUERY_ORIGIN, upHostsOfRegion } from './up-hosts.js';

export interface QiniuTransportOptions {
  /** Origin to query for a bucket's hosts if none are configured. Default `https://api.qiniu.com`. */
  readonly regionQueryOrigin?: string | undefined;
  /** URL of the built `sdk-sandbox.js`. Default: next to this module. */
  readonly sandboxUrl?: string | URL | undefined;
}

/** Milliseconds for which an unused sandbox is kept for the next file. */
const IDLE_TIME = 20_000;

const MIB = 1024 * 1024;
/** Maximum size in bytes of a file that qiniu-js always sends in one form request. */
const FORM_LIMIT = 4 * MIB;

/** Milliseconds that the engine may take to prepare a request, e.g. to read a part from a slow disk. */
const IDLE_LIMIT = 300_000;

/** Shared by all transports of the page, so that each bucket is queried once. */
const regionQueries = new Map<string, RegionQuery>();

/**
 * Uploads with qiniu-js 3.4.4, each file in its own sandbox.
 *
 * Reuses a sandbox after a successful upload, so that a thousand small files don't start a thousand workers; terminates
 * it in any other case.
 */
export class QiniuTransport implements UploadTransport {
  readonly #regionQuery: RegionQuery;
  readonly #sandboxUrl: URL;
  /** Settles when the sandbox that is starting is in `#idle` or has failed to start. */
  #opening: Promise<void> | undefined;
  /** Unused sandboxes, each with the timer that terminates it. */
  readonly #idle = new Map<SdkSandbox, ReturnType<typeof setTimeout>>();

  constructor({ regionQueryOrigin = REGION_QUERY_ORIGIN, sandboxUrl }: QiniuTransportOptions = {}) {
    this.#regionQuery = regionQueries.get(regionQueryOrigin) ?? new RegionQuery(regionQueryOrigin);
    regionQueries.set(regionQueryOrigin, this.#regionQuery);
    this.#sandboxUrl = sandboxUrl === undefined ? SANDBOX_URL : new URL(sandboxUrl, globalThis.document?.baseURI);
  }

  async upload(job: UploadJob, options: UploadJobOptions): Promise<UploadReply> {
    const { signal } = options;
    signal.throwIfAborted();
    const sandbox = await this.#takeSandbox(signal);
    const slots = new Map<number, ReleaseRequest>();
    const ending = new AbortController();
    let isClean = false;
    try {
      signal.throwIfAborted();
      const reply = await this.#run(sandbox, job, options, slots, ending.signal);
      isClean = true;
      return reply;
    } finally {
      ending.abort();
      sandbox.onMessage = undefined;
      sandbox.onCrash = undefined;
      if (isClean) this.#keepIdle(sandbox);
      else sandbox.terminate();
      for (const release of slots.values()) release();
    }
  }

  findHosts(policy: PutPolicy, region: string | undefined): Promise<readonly string[]> {
    if (!region) return this.#regionQuery.upHosts(policy);
    return new Promise((resolve) => resolve(upHostsOfRegion(region)));
  }

  abandon(upload: AbandonedUpload): Promise<void> {
    return abandonParts(upload);
  }

  /** Runs one upload in a sandbox. @param ended aborted when the upload ends, successfully or not */
  #run(
    sandbox: SdkSandbox,
    job: UploadJob,
    options: UploadJobOptions,
    slots: Map<number, ReleaseRequest>,
    ended: AbortSignal,
  ): Promise<UploadReply> {
    const { signal, gate, stallTimeout, stalls } = options;
    const { file, token, key, host, stored, partSize } = job;
    const asForm = job.asForm || file.size <= FORM_LIMIT;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true, signal: ended });
      const watched = new Map<number, WatchedRequest>();
      const onStall = (milliseconds: number): void => {
        const seconds = Math.round(milliseconds / 1000);
        reject(new UploadError('stalled', `No data was transferred to ${host} for ${seconds} s.`, { host }));
      };
      const { isHidden } = sandbox;
      const unsubscribe = token.subscribe((renewed) => sandbox.send({ type: 'token', token: renewed }));
      ended.addEventListener('abort', () => {
        for (const request of watched.values()) request.end(false);
        unsubscribe();
      });
      let waiting = 0;
      const admit = (request: number, bytes: number, then: () => void): void => {
        waiting += 1;
        gate.acquire(signal).then((release) => {
          waiting -= 1;
          if (ended.aborted) {
            release();
            return;
          }
          slots.set(request, release);
          watched.set(request, lineTo(host).watch({ bytes, stallTimeout, stalls, isHidden, onStall }));
          then();
        }, onAbort);
      };
      sandbox.onCrash = (cause) => reject(new UploadError('unknown', `The engine failed: ${cause.message}`, { cause }));
      const isBusy = (): boolean => waiting + slots.size > 0;
      const idle = new IdleWatch(IDLE_LIMIT, isBusy, () => {
        reject(
          new UploadError('stalled', `The engine made no request to ${host} for ${IDLE_LIMIT / 1000} s.`, { host }),
        );
      });
      ended.addEventListener('abort', () => idle.stop());
      sandbox.onMessage = (message: SandboxMessage): void => {
        idle.note();
        switch (message.type) {
          case 'request-waiting':
            admit(message.request, message.bytes, () => sandbox.send({ type: 'admit', request: message.request }));
            break;
          case 'request-sent':
            watched.get(message.request)?.sent(message.bytes);
            break;
          case 'request-ended':
            slots.get(message.request)?.();
            slots.delete(message.request);
            watched.get(message.request)?.end(message.isAnswered);
            watched.delete(message.request);
            break;
          case 'request':
            options.onRequest(message.request);
            break;
          case 'progress':
            options.onProgress(message.sentBytes);
            break;
          case 'stored':
            options.onStored({ uploadId: message.uploadId, partSize, parts: message.parts });
            break;
          case 'sent':
            watched.get(FIRST_REQUEST)?.sent(Infinity);
            options.onSent();
            break;
          case 'success':
            resolve({ response: message.response, hash: message.hash });
            break;
          case 'failure':
            reject(toUploadError(message.failure, host));
            break;
          case 'ready':
            break;
        }
      };
      const begin = (): void =>
        sandbox.send({
          type: 'upload',
          file: file.file,
          fname: file.name,
          key,
          token: token.current,
          host,
          concurrency: job.partsAtOnce,
          asForm,
          partMiB: partSize / MIB,
          isAdmitted: asForm,
          stored,
        });
      // Acquires the slot of a form request in advance: for a small file, asking for it takes longer than sending.
      if (asForm) admit(FIRST_REQUEST, file.size, begin);
      else begin();
    });
  }

  /** Takes an unused sandbox, else opens one; one at a time, because starting several at once blocks the page. */
  async #takeSandbox(signal: AbortSignal): Promise<SdkSandbox> {
    for (;;) {
      signal.throwIfAborted();
      const idle = this.#takeIdle();
      if (idle !== undefined) return idle;
      this.#opening ??= openSandbox(this.#sandboxUrl)
        .then((sandbox) => this.#keepIdle(sandbox))
        .finally(() => (this.#opening = undefined));
      await untilAborted(this.#opening, signal);
    }
  }

  #takeIdle(): SdkSandbox | undefined {
    const [sandbox] = this.#idle.keys();
    if (sandbox === undefined) return undefined;
    clearTimeout(this.#idle.get(sandbox));
    this.#idle.delete(sandbox);
    return sandbox;
  }

  #keepIdle(sandbox: SdkSandbox): void {
    const end = (): void => {
      this.#idle.delete(sandbox);
      sandbox.terminate();
    };
    this.#idle.set(sandbox, setTimeout(end, IDLE_TIME));
  }
}
