import { readSignedBody } from '../management/account-signature.js';
import { readText, type Answer, type Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import { describeJob } from './persistent-jobs.js';

/** Maximum size of a status query's form, in bytes. */
const MAX_FORM = 4096;

/**
 * `POST /pfop` with a form of `bucket`, `key`, `fops` or `workflowTemplateID`, `notifyURL`, `force`, `type` and
 * `pipeline`: starts a job on a stored object.
 *
 * Source: https://developer.qiniu.com/dora/api/persistent-data-processing-pfop
 */
export async function orderJob(exchange: Exchange): Promise<Answer> {
  const form = new URLSearchParams(await readSignedBody(exchange));
  const { services, entry, effect } = exchange;
  const text = (name: string): string | undefined => form.get(name) || undefined;
  const [bucket = '', key = ''] = [text('bucket'), text('key')];
  Object.assign(entry, { bucket, key });
  const { region } = services.buckets.require(bucket);
  services.store.require(bucket, key);
  const [fops, workflow] = [text('fops'), text('workflowTemplateID')];
  if ((fops === undefined) === (workflow === undefined)) throw new KodoError(400, 'invalid argument');
  const type = form.get('type') ?? '0';
  if (!['', '0', '1'].includes(type)) throw new KodoError(400, 'invalid argument');
  const id = services.jobs.idFor(region);
  services.jobs.add(id, {
    bucket,
    key,
    commands: fops?.split(';') ?? [],
    workflow,
    type: Number(type),
    pipeline: text('pipeline'),
    notifyUrl: text('notifyURL'),
    force: form.get('force') === '1',
    reqid: entry.reqid,
    fault: effect.job,
  });
  return { status: 200, body: { persistentId: id } };
}

/**
 * `GET /status/get/prefop?id=`, or `POST` with a form, as the official Node SDK sends it: the status of a job. Needs
 * no signature.
 *
 * Source: https://developer.qiniu.com/dora/1294/persistent-processing-status-query-prefop
 */
export async function queryJob({ query, body, services }: Exchange): Promise<Answer> {
  const form = new URLSearchParams(await readText(body, MAX_FORM));
  const job = services.jobs.get(query.get('id') ?? form.get('id') ?? '');
  if (job === undefined) throw new KodoError(404, 'no such entry'); // status as the official Ruby SDK's tests expect
  return { status: 200, body: describeJob(job) };
}
