import { postCallback, withScheme } from '../callback/callback-request.js';
import type { Outbound } from '../outbound/outbound.js';
import { describeJob, type PersistentJob } from './persistent-jobs.js';

export interface NotifySettings {
  readonly outbound: Outbound;
  /** Timeout in milliseconds. */
  readonly timeout: number;
  /** Aborts notifications when Kodo closes. */
  readonly closing: AbortSignal;
  readonly onWarning: (text: string) => void;
}

/**
 * Posts a job's status to its `notifyUrl`, once and unsigned.
 *
 * Source: https://developer.qiniu.com/dora/1291/persistent-data-processing-pfop
 *
 * @returns whether the server answered 200
 */
export async function notifyJob(job: PersistentJob, settings: NotifySettings): Promise<boolean> {
  const { outbound, timeout, closing, onWarning } = settings;
  const signal = AbortSignal.any([AbortSignal.timeout(timeout), closing]);
  const headers = { 'Content-Type': 'application/json', 'User-Agent': 'qiniu-callback/1.0', 'X-Reqid': job.reqid };
  const url = withScheme(job.notifyUrl ?? '');
  const { status, statusText } = await postCallback(outbound, url, headers, JSON.stringify(describeJob(job)), signal);
  if (status !== 200 && !closing.aborted) onWarning(`job ${job.id} failed to notify ${url}: ${status} ${statusText}`);
  return status === 200;
}
