import type {
  StoredParts,
  UploadError,
  UploadJob,
  UploadJobOptions,
  UploadReply,
  UploadTransport,
} from '../../src/core.js';

/** What becomes of a simulated upload. */
export type SimulatedOutcome =
  /** Runs through, in so many milliseconds. */
  | { readonly kind: 'success'; readonly duration: number }
  /** Stays at a share of its bytes, 0 to 1. */
  | { readonly kind: 'hold'; readonly share: number }
  /** Stays after its last byte. */
  | { readonly kind: 'confirming' }
  | { readonly kind: 'failure'; readonly error: UploadError };

/** Milliseconds between two steps of progress. */
const STEP = 60;

/**
 * Stands in for the way to Qiniu, so that stories work with no network: bytes pass in time, and none leaves the page.
 * Everything above it is the real thing.
 */
export class SimulatedTransport implements UploadTransport {
  readonly #outcome: (job: UploadJob) => SimulatedOutcome;

  constructor(outcome: (job: UploadJob) => SimulatedOutcome) {
    this.#outcome = outcome;
  }

  upload(job: UploadJob, { signal, onProgress, onStored, onSent }: UploadJobOptions): Promise<UploadReply> {
    const outcome = this.#outcome(job);
    const { size, name, type } = job.file;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      const nothing: StoredParts = { uploadId: 'simulated', partSize: job.partSize, parts: [] };
      switch (outcome.kind) {
        case 'failure':
          reject(outcome.error);
          break;
        case 'hold':
          onProgress(size * outcome.share);
          break;
        case 'confirming':
          onSent();
          break;
        case 'success': {
          onStored(nothing);
          const startedAt = performance.now();
          const timer = setInterval(() => {
            const share = Math.min(1, (performance.now() - startedAt) / outcome.duration);
            onProgress(size * share);
            if (share < 1) return;
            clearInterval(timer);
            onSent();
            resolve({ response: { key: job.key, name, size, type, simulated: true }, hash: undefined });
          }, STEP);
          signal.addEventListener('abort', () => clearInterval(timer), { once: true });
        }
      }
    });
  }

  findHosts(): Promise<readonly string[]> {
    return Promise.resolve(['https://upload.simulated.example']);
  }

  abandon(): Promise<void> {
    return Promise.resolve();
  }
}

/** A token provider whose tokens nobody would accept: with the simulated transport nobody is asked. */
export function simulatedToken(): string {
  const policy = {
    scope: 'simulated',
    deadline: Math.floor(Date.now() / 1000) + 3600,
    callbackUrl: 'x',
    callbackBody: 'x',
  };
  return `simulated:c2ltdWxhdGVk:${btoa(JSON.stringify(policy))}`;
}
