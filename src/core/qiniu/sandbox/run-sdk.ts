import { upload } from 'qiniu-js';
import { etagOf, etagOfParts } from './etag.js';
import type { SandboxMessage, SdkFailure, SdkUpload } from './messages.js';
import type { StoredParts } from './stored-parts.js';

/** Milliseconds between two progress messages; some engines fire thousands of progress events for one file. */
const PROGRESS_INTERVAL = 30;

export interface RunOptions {
  readonly stored: StoredParts;
  readonly say: (message: SandboxMessage) => void;
  /** Resolves when no part that was answered is still being compared. */
  readonly checked: () => Promise<void>;
  /** Milliseconds that the last refusing answer asked to wait. */
  readonly retryAfter: () => number | undefined;
}

/** Does one upload with qiniu-js, once: what comes after a failure is decided outside. */
export function runSdk(job: SdkUpload, { stored, say, checked, retryAfter }: RunOptions): void {
  const { file, fname, key, token, host, concurrency, asForm, partMiB } = job;
  const { protocol, host: uphost } = new URL(host);
  // The hash of a form's file is computed while it is sent; a file that cannot be read fails in the request itself.
  const formHash = asForm ? etagOf(file).catch(() => undefined) : undefined;
  // A file that is sent sooner than that tells nothing in between.
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
      // A part that is stored is taken only when its bytes are the same; without a record there is none to take.
      checkByMD5: true,
      // The hash that Kodo gives is compared with the file's, and each part's etag, see PartCheck: crc32 adds nothing.
      checkByServer: false,
      concurrentRequestLimit: concurrency,
      disableStatisticsReport: true,
    },
  ).subscribe({
    next: ({ total }) => {
      const now = Date.now();
      // A form's total counts the whole request body, so only its percentage can be relied on; that of parts counts one
      // byte more than the file has.
      const sentBytes = asForm ? (total.percent / 100) * file.size : Math.min(total.loaded, file.size);
      if (now - lastProgress < PROGRESS_INTERVAL && sentBytes < file.size) return;
      lastProgress = now;
      say({ type: 'progress', sentBytes });
    },
    error: (error: unknown) => {
      const failure = toFailure(error, retryAfter());
      void Promise.all([ownHash(failure.status === 614), checked()]).then(([hash]) =>
        say({ type: 'failure', failure: { ...failure, hash } }),
      );
    },
    complete: (response: unknown) => {
      void ownHash(true).then((hash) => say({ type: 'success', response, hash }));
    },
  });

  function ownHash(isWanted: boolean): Promise<string | undefined> {
    if (!isWanted) return Promise.resolve(undefined);
    return formHash ?? etagOfParts(stored.parts);
  }
}

/** Only for qiniu-js, which cannot read a policy without its `=`; requests carry the token as it was issued. */
function withPadding(token: string): string {
  const policyAt = token.lastIndexOf(':') + 1;
  const policy = token.slice(policyAt);
  return token.slice(0, policyAt) + policy.padEnd(Math.ceil(policy.length / 4) * 4, '=');
}

/** qiniu-js's errors are no `Error`s, and not always of one shape. */
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
