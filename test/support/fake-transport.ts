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

/** One upload that the queue asked for, moved by hand. */
export interface FakeUpload {
  readonly job: UploadJob;
  readonly signal: AbortSignal;
  readonly gate: RequestGate;
  readonly stalls: number;
  /** Whether the test has said how it ends. */
  readonly isOver: boolean;
  progress(sentBytes: number): void;
  stored(stored: StoredParts): void;
  sent(): void;
  succeed(response: unknown, hash?: string): void;
  fail(error: UploadError): void;
}

/** A transport that does nothing by itself: the test takes each upload and says what becomes of it. */
export class FakeTransport implements UploadTransport {
  readonly uploads: FakeUpload[] = [];
  readonly abandoned: AbandonedUpload[] = [];
  readonly hostQueries: string[] = [];
  /** What a host query answers. */
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

  /** The next upload that was not taken yet. */
  nextUpload(): Promise<FakeUpload> {
    const upload = this.#arrived.shift();
    return upload === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(upload);
  }
}

/** A token of the right form; its signature is nobody's. */
export function makeToken(policy: Readonly<Record<string, unknown>> = {}): string {
  const full = { scope: 'demo', deadline: Math.floor(Date.now() / 1000) + 3600, ...policy };
  const bytes = new TextEncoder().encode(JSON.stringify(full));
  const encoded = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return `access-key:c2lnbg==:${encoded}`;
}
