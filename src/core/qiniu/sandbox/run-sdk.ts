import { upload } from 'qiniu-js';
import type { SandboxMessage, SdkFailure, SdkUpload } from './messages.js';

/** Milliseconds between two progress messages; some engines fire thousands of progress events for one file. */
const PROGRESS_INTERVAL = 30;

/** Does one upload with qiniu-js, once: what comes after a failure is decided outside. */
export function runSdk(job: SdkUpload, say: (message: SandboxMessage) => void): void {
  const { file, fname, key, token, host, concurrency } = job;
  const { protocol, host: uphost } = new URL(host);
  let lastProgress = 0;
  upload(
    file,
    key,
    token,
    { fname },
    {
      uphost,
      upprotocol: protocol === 'http:' ? 'http' : 'https',
      retryCount: 0,
      checkByMD5: true,
      checkByServer: true,
      concurrentRequestLimit: concurrency,
      disableStatisticsReport: true,
    },
  ).subscribe({
    next: ({ total }) => {
      const now = Date.now();
      if (now - lastProgress < PROGRESS_INTERVAL) return;
      lastProgress = now;
      // A form's total counts the whole request body, so the share of it is what can be relied on.
      say({ type: 'progress', sentBytes: (total.percent / 100) * file.size });
    },
    error: (error: unknown) => say({ type: 'failure', failure: toFailure(error) }),
    complete: (response: unknown) => say({ type: 'success', response }),
  });
}

/** qiniu-js's errors are no `Error`s, and not always of one shape. */
function toFailure(error: unknown): SdkFailure {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  return {
    name: textOf(fields['name']) ?? 'unknown',
    message: textOf(fields['message']) ?? String(error),
    status: typeof fields['code'] === 'number' ? fields['code'] : undefined,
    reqid: textOf(fields['reqId']),
    body: fields['data'],
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
