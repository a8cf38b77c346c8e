import type {
  StoredParts,
  UploadError,
  UploadJob,
  UploadJobOptions,
  UploadReply,
  UploadTransport,
} from '../../src/core.js';

/** Outcome of a simulated upload. */
export type SimulatedOutcome =
  /** Succeeds after `duration` milliseconds. */
  | { readonly kind: 'success'; readonly duration: number }
  /** Stops after a fraction of its bytes, 0 to 1. */
  | { readonly kind: 'hold'; readonly share: number }
  /** Stops after its last byte. */
  | { readonly kind: 'confirming' }
  | { readonly kind: 'failure'; readonly error: UploadError };

/** Milliseconds between progress updates. */
const STEP = 60;

/**
 * Simulates uploads to Qiniu, so that stories work without a network: progress depends on time, and no data leaves the
 * page. Everything else is the real implementation.
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

/** Token provider with an invalid signature, which the simulated transport does not check. */
export function simulatedToken(): string {
  const policy = {
    scope: 'simulated',
    deadline: Math.floor(Date.now() / 1000) + 3600,
    callbackUrl: 'x',
    callbackBody: 'x',
  };
  return `simulated:c2ltdWxhdGVk:${btoa(JSON.stringify(policy))}`;
}
