import type {
  AbandonedUpload,
  RequestGate,
  StoredParts,
  UploadError,
  UploadJob,
  UploadJobOptions,
  UploadReply,
  UploadTransport,
} from '../../src/core.js';

/** An upload that the queue started and the test controls. */
export interface FakeUpload {
  readonly job: UploadJob;
  readonly signal: AbortSignal;
  readonly gate: RequestGate;
  readonly stalls: number;
  /** Whether the test has called `succeed` or `fail`. */
  readonly isOver: boolean;
  progress(sentBytes: number): void;
  stored(stored: StoredParts): void;
  sent(): void;
  succeed(response: unknown, hash?: string): void;
  fail(error: UploadError): void;
}

/** A transport that does nothing on its own: the test takes each upload and controls its outcome. */
export class FakeTransport implements UploadTransport {
  readonly uploads: FakeUpload[] = [];
  readonly abandoned: AbandonedUpload[] = [];
  readonly hostQueries: string[] = [];
  /** Result of a host query. */
  hosts: readonly string[] = ['https://up.example'];
  readonly #waiting: ((upload: FakeUpload) => void)[] = [];
  readonly #arrived: FakeUpload[] = [];

  upload(job: UploadJob, { signal, ...options }: UploadJobOptions): Promise<UploadReply> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      let isOver = false;
      const upload: FakeUpload = {
        get isOver() {
          return isOver;
        },
        job,
        signal,
        gate: options.gate,
        stalls: options.stalls,
        progress: options.onProgress,
        stored: options.onStored,
        sent: options.onSent,
        succeed: (response, hash) => {
          isOver = true;
          resolve({ response, hash });
        },
        fail: (error) => {
          isOver = true;
          reject(error);
        },
      };
      this.uploads.push(upload);
      const taker = this.#waiting.shift();
      if (taker === undefined) this.#arrived.push(upload);
      else taker(upload);
    });
  }

  findHosts({ bucket }: UploadJob['policy']): Promise<readonly string[]> {
    this.hostQueries.push(bucket);
    return Promise.resolve(this.hosts);
  }

  abandon(upload: AbandonedUpload): Promise<void> {
    this.abandoned.push(upload);
    return Promise.resolve();
  }

  /** Returns the next upload that the test has not taken yet. */
  nextUpload(): Promise<FakeUpload> {
    const upload = this.#arrived.shift();
    return upload === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(upload);
  }
}

/** Returns a well-formed token with an invalid signature. */
export function makeToken(policy: Readonly<Record<string, unknown>> = {}): string {
  const full = { scope: 'demo', deadline: Math.floor(Date.now() / 1000) + 3600, ...policy };
  const bytes = new TextEncoder().encode(JSON.stringify(full));
  const encoded = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return `access-key:c2lnbg==:${encoded}`;
}
