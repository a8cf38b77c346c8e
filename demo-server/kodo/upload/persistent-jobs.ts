import { randomBytes } from 'node:crypto';
import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { PutPolicy } from '../policy/put-policy.js';

/** Asynchronous work that a policy ordered. It is on record only: nothing is ever carried out. */
export interface PersistentJob {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** The commands with their variables filled in, or the id of a workflow. */
  readonly ops: string;
}

const KEPT = 1000;

/** The latest thousand jobs, by id. */
export class PersistentJobs {
  readonly #jobs = new Map<string, PersistentJob>();

  /** The id under which an upload's job will be known, e.g. `z0.597f28b445a2650c994bb208`; nothing without a job. */
  idFor({ persistentOps, persistentWorkflow }: PutPolicy, region: string): string | undefined {
    if ((persistentOps ?? persistentWorkflow) === undefined) return undefined;
    return `${region}.${randomBytes(12).toString('hex')}`;
  }

  add(job: PersistentJob): void {
    this.#jobs.set(job.id, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > KEPT && oldest !== undefined) this.#jobs.delete(oldest);
  }

  get(id: string): PersistentJob | undefined {
    return this.#jobs.get(id);
  }
}

/**
 * `GET /status/get/prefop?id=`: how a job stands. It waits for ever, which is the truth here.
 * Source: https://developer.qiniu.com/dora/1294/persistent-processing-status-query-prefop
 */
export function queryJob({ query, services }: Exchange): Answer {
  const job = services.jobs.get(query.get('id') ?? '');
  if (job === undefined) throw new KodoError(612, 'no such entry');
  const waiting = { code: 1, desc: 'The fop is waiting for execution' };
  const items = job.ops.split(';').map((cmd) => ({ cmd, ...waiting }));
  return { status: 200, body: { id: job.id, ...waiting, inputBucket: job.bucket, inputKey: job.key, items } };
}
