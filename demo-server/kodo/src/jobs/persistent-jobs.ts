import { randomBytes } from 'node:crypto';
import { describeState, type JobFault, type JobState } from './job-state.js';

/** An asynchronous job on a stored object, as requested by a policy or a `pfop` call. */
export interface JobOrderDetails {
  readonly bucket: string;
  readonly key: string;
  /** The commands, with variables filled in. */
  readonly commands: readonly string[];
  /** The workflow template to use instead of `commands`. */
  readonly workflow: string | undefined;
  /** 0 normal priority, 1 idle time only. */
  readonly type: number;
  readonly pipeline: string | undefined;
  readonly notifyUrl: string | undefined;
  /** Whether to process again if the result already exists. */
  readonly force: boolean;
  readonly reqid: string;
  readonly fault: JobFault | undefined;
}

/** The result of one command. */
export interface JobItem {
  readonly cmd: string;
  readonly state: JobState;
  readonly error?: string;
  /** Hash of the saved result. */
  readonly hash?: string;
  readonly key?: string;
  /** 1 if the result already existed. */
  readonly returnOld?: number;
}

export interface PersistentJob extends JobOrderDetails {
  readonly id: string;
  readonly state: JobState;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly items: readonly JobItem[];
}

export interface JobSettings {
  /** Milliseconds until a job runs. */
  readonly delay: number;
  readonly now: () => number;
  /** Runs one command; never throws. */
  readonly run: (job: PersistentJob, command: string) => Promise<JobItem>;
  /** Notifies the job's `notifyUrl`; returns whether this succeeded. */
  readonly notify: (job: PersistentJob) => Promise<boolean>;
  /** Tracks work until it ends. */
  readonly watch: (work: Promise<void>, what: string) => void;
}

/** Number of jobs kept; older ones are dropped. */
const KEPT = 1000;

/** The latest 1000 jobs, by id. Not persisted. */
export class PersistentJobs {
  readonly #settings: JobSettings;
  readonly #jobs = new Map<string, PersistentJob>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(settings: JobSettings) {
    this.#settings = settings;
  }

  /** Generates a job id, e.g. `z0.597f28b445a2650c994bb208`. */
  idFor(region: string): string {
    return `${region}.${randomBytes(12).toString('hex')}`;
  }

  add(id: string, details: JobOrderDetails): void {
    const items = details.commands.map((cmd): JobItem => ({ cmd, state: 'waiting' }));
    this.#jobs.set(id, { ...details, id, state: 'waiting', createdAt: this.#settings.now(), items });
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > KEPT && oldest !== undefined) this.#forget(oldest);
    if (details.fault === 'waiting') return;
    const state = details.fault === 'failed' ? 'failed' : 'done';
    const timer = setTimeout(() => void this.end(id, state), this.#settings.delay);
    this.#timers.set(id, timer.unref());
  }

  get(id: string): PersistentJob | undefined {
    return this.#jobs.get(id);
  }

  list(): readonly PersistentJob[] {
    return [...this.#jobs.values()];
  }

  /**
   * Finishes a waiting job and notifies its `notifyUrl`.
   *
   * @param state `done` runs the commands, each of which may still fail
   * @returns whether a waiting job with this id exists
   */
  async end(id: string, state: 'done' | 'failed'): Promise<boolean> {
    const job = this.#jobs.get(id);
    if (job?.state !== 'waiting') return false;
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    const work = this.#carryOut(this.#save({ ...job, state: 'running' }), state);
    this.#settings.watch(work, `job ${id}`);
    await work;
    return true;
  }

  /** Stops starting jobs. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  async #carryOut(job: PersistentJob, state: 'done' | 'failed'): Promise<void> {
    const items: JobItem[] = [];
    for (const cmd of job.commands) {
      if (state === 'done') items.push(await this.#settings.run(job, cmd));
      else items.push({ cmd, state: 'failed', error: 'failed on order' });
    }
    const isDone = state === 'done' && items.every((item) => item.state === 'done');
    const ended = this.#save({ ...job, state: isDone ? 'done' : 'failed', items });
    if (ended.notifyUrl === undefined || (await this.#settings.notify(ended))) return;
    this.#save({ ...ended, state: 'notify-failed' });
  }

  /** Replaces the saved state of a job, unless it has been dropped. */
  #save(job: PersistentJob): PersistentJob {
    if (this.#jobs.has(job.id)) this.#jobs.set(job.id, job);
    return job;
  }

  #forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#jobs.delete(id);
  }
}

/** Describes a job for a status query or a notification. */
export function describeJob(job: PersistentJob): Readonly<Record<string, unknown>> {
  const { id, pipeline = '0.default', state, reqid, bucket, key, createdAt, type, workflow, items } = job;
  return {
    id,
    pipeline,
    ...describeState(state),
    reqid,
    inputBucket: bucket,
    inputKey: key,
    creationDate: new Date(createdAt).toISOString(),
    type,
    ...(workflow === undefined ? {} : { taskFrom: workflow }),
    items: items.map(({ cmd, state: itemState, ...rest }) => ({ cmd, ...describeState(itemState), ...rest })),
  };
}
