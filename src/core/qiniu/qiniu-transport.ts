import type { ReleaseRequest } from '../request-gate.js';
import type { UploadJob, UploadJobOptions, UploadReply, UploadTransport } from '../transport.js';
import { toUploadError } from './kodo-error.js';
import type { SandboxMessage } from './sandbox/messages.js';
import { openSandbox, SANDBOX_URL, type SdkSandbox } from './open-sandbox.js';
import { RegionQuery, REGION_QUERY_ORIGIN, upHostsOfRegion } from './up-hosts.js';

export interface QiniuTransportOptions {
  /** Origin that is asked for a bucket's hosts when nobody names them. Default `https://api.qiniu.com`. */
  readonly regionQueryOrigin?: string | undefined;
  /** Where the built `sdk-sandbox.js` is served, when not beside the module. */
  readonly sandboxUrl?: string | URL | undefined;
}

/** Milliseconds an unused sandbox is kept for the next file. */
const IDLE_TIME = 20_000;

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
  /** Unused sandboxes, each with the timer that ends it. */
  readonly #idle = new Map<SdkSandbox, ReturnType<typeof setTimeout>>();

  constructor({ regionQueryOrigin = REGION_QUERY_ORIGIN, sandboxUrl }: QiniuTransportOptions = {}) {
    this.#regionQuery = regionQueries.get(regionQueryOrigin) ?? new RegionQuery(regionQueryOrigin);
    regionQueries.set(regionQueryOrigin, this.#regionQuery);
    this.#sandboxUrl = sandboxUrl === undefined ? SANDBOX_URL : new URL(sandboxUrl, globalThis.document?.baseURI);
  }

  async upload(job: UploadJob, options: UploadJobOptions): Promise<UploadReply> {
    const { signal, gate } = options;
    const [host] = await this.#hosts(job);
    signal.throwIfAborted();
    if (host === undefined) throw new Error('A bucket without up hosts.');
    const sandbox = this.#takeIdle() ?? (await openSandbox(this.#sandboxUrl));
    const places = new Map<number, ReleaseRequest>();
    let clean = false;
    try {
      signal.throwIfAborted();
      const reply = await new Promise<UploadReply>((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { once: true });
        sandbox.onMessage = (message: SandboxMessage): void => {
          switch (message.type) {
            case 'request-waiting':
              gate.acquire(signal).then((release) => {
                places.set(message.request, release);
                if (signal.aborted) release();
                else sandbox.send({ type: 'admit', request: message.request });
              }, onAbort);
              break;
            case 'request-ended':
              places.get(message.request)?.();
              places.delete(message.request);
              break;
            case 'progress':
              options.onProgress(message.sentBytes);
              break;
            case 'sent':
              options.onSent();
              break;
            case 'success':
              resolve({ response: message.response });
              break;
            case 'failure':
              reject(toUploadError(message.failure, host));
              break;
            case 'ready':
              break;
          }
        };
        const { file, token, key } = job;
        sandbox.send({ type: 'upload', file: file.file, fname: file.name, key, token, host, concurrency: gate.limit });
      });
      clean = true;
      return reply;
    } finally {
      sandbox.onMessage = undefined;
      if (clean) this.#keepIdle(sandbox);
      else sandbox.terminate();
      for (const release of places.values()) release();
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

  #hosts({ hosts, region, policy }: UploadJob): Promise<readonly string[]> | readonly string[] {
    if (hosts.length > 0) return hosts;
    return region === undefined || region === '' ? this.#regionQuery.upHosts(policy) : upHostsOfRegion(region);
  }
}
