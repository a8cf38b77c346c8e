import { upload } from 'qiniu-js';
import { etagOf, etagOfParts } from './etag.js';
import type { SandboxMessage, SdkFailure, SdkUpload } from './messages.js';
import type { StoredParts } from './stored-parts.js';

/** Milliseconds between two progress messages; some browsers fire thousands of progress events per file. */
const PROGRESS_INTERVAL = 30;

export interface RunOptions {
  readonly stored: StoredParts;
  readonly post: (message: SandboxMessage) => void;
  /** Resolves when no part is being verified. */
  readonly checked: () => Promise<void>;
  /** Returns the `Retry-After` of the last error response in milliseconds. */
  readonly retryAfter: () => number | undefined;
}

/** Makes one attempt to upload a file with qiniu-js. The page decides what to do after a failure. */
export function runSdk(job: SdkUpload, { stored, post, checked, retryAfter }: RunOptions): void {
  const { file, fname, key, token, host, concurrency, asForm, partMiB } = job;
  const { protocol, host: uphost } = new URL(host);
  // Computes the hash of a form's file while it is sent; if the file cannot be read, the request itself fails.
  const formHash = asForm ? etagOf(file).catch(() => undefined) : undefined;
  // A file that is sent within the first interval reports no progress.
  let lastProgress = Date.now();
  upload(
    file,
    key,
    withPadding(token),
    { fname },
    {
      uphost,
      upprotocol: protocol === 'http:' ? 'http' : 'https',
      retryCount: 0,
      forceDirect: asForm,
      chunkSize: partMiB,
      // Skips a stored part only if its bytes are the same; without a record there are no stored parts.
      checkByMD5: true,
      // crc32 is redundant: the object's hash and each part's etag are verified, see PartCheck.
      checkByServer: false,
      concurrentRequestLimit: concurrency,
      disableStatisticsReport: true,
    },
  ).subscribe({
    next: ({ total }) => {
      const now = Date.now();
      // The total of a form counts the whole request body, so only its percentage is usable; the total of parts counts
      // one byte too many.
      const sentBytes = asForm ? (total.percent / 100) * file.size : Math.min(total.loaded, file.size);
      if (now - lastProgress < PROGRESS_INTERVAL && sentBytes < file.size) return;
      lastProgress = now;
      post({ type: 'progress', sentBytes });
    },
    error: (error: unknown) => {
      const failure = toFailure(error, retryAfter());
      void Promise.all([expectedHash(failure.status === 614), checked()]).then(([hash]) =>
        post({ type: 'failure', failure: { ...failure, hash } }),
      );
    },
    complete: (response: unknown) => {
      void expectedHash(true).then((hash) => post({ type: 'success', response, hash }));
    },
  });

  function expectedHash(isNeeded: boolean): Promise<string | undefined> {
    if (!isNeeded) return Promise.resolve(undefined);
    return formHash ?? etagOfParts(stored.parts);
  }
}

/** Adds the padding that qiniu-js needs to parse a policy; requests use the token as issued. */
function withPadding(token: string): string {
  const policyAt = token.lastIndexOf(':') + 1;
  const policy = token.slice(policyAt);
  return token.slice(0, policyAt) + policy.padEnd(Math.ceil(policy.length / 4) * 4, '=');
}

/** Converts an error of qiniu-js, which is not always an `Error` and has varying fields. */
function toFailure(error: unknown, retryAfter: number | undefined): SdkFailure {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  return {
    name: textOf(fields['name']) ?? 'unknown',
    message: textOf(fields['message']) ?? String(error),
    status: typeof fields['code'] === 'number' ? fields['code'] : undefined,
    reqid: textOf(fields['reqId']),
    body: fields['data'],
    retryAfter,
    hash: undefined,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
