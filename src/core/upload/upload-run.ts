import type { ProgressMeter } from './progress-meter.js';
import type { ResumeLease } from '../resume/resume-lease.js';
import type { RetryPause } from './retry-pause.js';
import type { SentRequest } from '../items/sent-request.js';
import type { UploadContext } from './upload-context.js';
import type { UploadFile, UploadState } from '../items/upload-item.js';
import type { UploadSession } from '../resume/upload-session.js';

/** One run of an upload: from its start, resume or retry until it ends, pauses or is cancelled. */
export interface UploadRun {
  readonly file: UploadFile;
  readonly session: UploadSession;
  readonly context: UploadContext;
  readonly signal: AbortSignal;
  /** Called with each state, including the final one. */
  readonly report: (state: UploadState) => void;
  /** Called with each request that has ended. */
  readonly onRequest: (request: SentRequest) => void;
  readonly pause: RetryPause;
  readonly meter: ProgressMeter;
  readonly lease: ResumeLease;
}

/** Reports the upload as `waiting` if the queue is on hold. */
export function reportHold({ context, report, meter }: UploadRun): void {
  const hold = context.hold.current;
  if (hold !== undefined) report({ status: 'waiting', reason: { code: 'hold', hold }, progress: meter.progress });
}
