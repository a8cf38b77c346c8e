/** The state of a persistent job. */
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'notify-failed';

/** What a fault can do to a job: make it fail, or leave it waiting until it is finished manually. */
export const JOB_FAULTS = ['waiting', 'failed'] as const;

export type JobFault = (typeof JOB_FAULTS)[number];

/**
 * The code and description of a state in a status query.
 * Source: https://developer.qiniu.com/dora/1294/persistent-processing-status-query-prefop
 */
export function describeState(state: JobState): { readonly code: number; readonly desc: string } {
  switch (state) {
    case 'done':
      return { code: 0, desc: 'The fop was completed successfully' };
    case 'waiting':
      return { code: 1, desc: 'The fop is waiting for execution' };
    case 'running':
      return { code: 2, desc: 'The fop is executing now' };
    case 'failed':
      return { code: 3, desc: 'The fop is failed' };
    case 'notify-failed':
      return { code: 4, desc: 'The fop is completed but callback failed' };
  }
}
