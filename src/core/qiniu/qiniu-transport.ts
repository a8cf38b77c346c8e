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
  /** Origin that is asked for a bucket's hosts when nobody names them. Default `https://api.qiniu.com`. */
  readonly regionQueryOrigin?: string | undefined;
  /** Where the built `sdk-sandbox.js` is served, when not beside the module. */
  readonly sandboxUrl?: string | URL | undefined;
}

/** Milliseconds an unused sandbox is kept for the next file. */
const IDLE_TIME = 20_000;

const MIB = 1024 * 1024;
/** Largest file in bytes that qiniu-js sends in one form request of its own accord. */
const FORM_LIMIT = 4 * MIB;

/** Milliseconds that the engine may take to prepare a request, e.g. to read a part from a slow disk. */
const IDLE_LIMIT = 300_000;

/** Asked once per bucket and page, whatever the number of elements. */
const regionQueries = new Map<string, RegionQuery>();

/**
 * Uploads with qiniu-js 3.4.4, each running file in a sandbox of its own.
 *
 * A sandbox is used again after a clean finish, because a thousand small files must not start a thousand workers;
 * after anything else it is terminated.
 */
export class QiniuTransport implements UploadTransport {
  readonly #regionQuery: RegionQuery;
  readonly #sandboxUrl: URL;
  /** Settles when the sandbox that is starting is among the unused ones, or has failed to start. */
  #opening: Promise<void> | undefined;
  /** Unused sandboxes, each with the timer that ends it. */
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
    const places = new Map<number, ReleaseRequest>();
    const ending = new AbortController();
    let clean = false;
    try {
      signal.throwIfAborted();
      const reply = await this.#run(sandbox, job, options, places, ending.signal);
      clean = true;
      return reply;
    } finally {
      ending.abort();
      sandbox.onMessage = undefined;
      sandbox.onCrash = undefined;
      if (clean) this.#keepIdle(sandbox);
      else sandbox.terminate();
      for (const release of places.values()) release();
    }
  }

  findHosts(policy: PutPolicy, region: string | undefined): Promise<readonly string[]> {
    if (!region) return this.#regionQuery.upHosts(policy);
    return new Promise((resolve) => resolve(upHostsOfRegion(region)));
  }

  abandon(upload: AbandonedUpload): Promise<void> {
    return abandonParts(upload);
  }

  /** One upload in a sandbox, as long as it takes. @param ended aborted when it is over, however it ended */
  #run(
    sandbox: SdkSandbox,
    job: UploadJob,
    options: UploadJobOptions,
    places: Map<number, ReleaseRequest>,
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
        reject(new UploadError('stalled', `Nothing moved on the way to ${host} for ${seconds} s.`, { host }));
      };
      const { isHidden } = sandbox;
      const stopRenewing = token.subscribe((renewed) => sandbox.send({ type: 'token', token: renewed }));
      ended.addEventListener('abort', () => {
        for (const request of watched.values()) request.end(false);
        stopRenewing();
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
          places.set(request, release);
          watched.set(request, lineTo(host).watch({ bytes, stallTimeout, stalls, isHidden, onStall }));
          then();
        }, onAbort);
      };
      sandbox.onCrash = (cause) => reject(new UploadError('unknown', `The engine failed: ${cause.message}`, { cause }));
      const isBusy = (): boolean => waiting + places.size > 0;
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
            places.get(message.request)?.();
            places.delete(message.request);
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
      // A form's one request gets its place at once: asking for it takes a small file longer than sending it.
      if (asForm) admit(FIRST_REQUEST, file.size, begin);
      else begin();
    });
  }

  /** An unused sandbox, else a new one; one after another, because several that start at once make the page wait. */
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
