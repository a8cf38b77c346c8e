import type { UploadError } from './upload-error.js';

/** Why a queue does not start further files, and until when. */
export interface QueueHold {
  /**
   * `rate-limited`: the token route, the confirm route or Kodo returned 429, 573, or 503 with `Retry-After`.
   * `refused`: the token route refused three uploads in a row for the same reason.
   */
  readonly reason: 'rate-limited' | 'refused';
  /** When it ends automatically, in milliseconds since 1970; `undefined` if only `release()` ends it. */
  readonly until: number | undefined;
  /** The refusal that caused it. */
  readonly error: UploadError;
}
