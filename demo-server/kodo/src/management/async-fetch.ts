import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { deliverCallback } from '../callback/callback.js';
import { parseJson, type Answer, type Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { KodoObject } from '../store/object-store.js';
import { substitute, type Lookup } from '../text/variables.js';
import { readSignedBody } from './account-signature.js';
import { storeFetched } from './fetch-object.js';

const FORM = 'application/x-www-form-urlencoded';

/** https://developer.qiniu.com/kodo/4097/asynch-fetch */
const ORDER = z.object({
  url: z.string(),
  bucket: z.string(),
  host: z.string().nullish(),
  key: z.string().nullish(),
  md5: z.string().nullish(),
  etag: z.string().nullish(),
  callbackurl: z.string().nullish(),
  callbackbody: z.string().nullish(),
  callbackbodytype: z.string().nullish(),
  callbackhost: z.string().nullish(),
  file_type: z.number().int().min(0).max(5).nullish(),
  ignore_same_key: z.boolean().nullish(),
});

type Order = z.infer<typeof ORDER>;

/** `POST /sisyphus/fetch` with JSON: starts a fetch and responds before it is complete. */
export async function orderFetch(exchange: Exchange): Promise<Answer> {
  const body = await readSignedBody(exchange);
  const { services, entry } = exchange;
  const read = ORDER.safeParse(parseJson(body));
  if (!read.success) throw new KodoError(400, 'invalid argument');
  const order = read.data;
  services.buckets.require(order.bucket);
  const id = randomBytes(24).toString('base64url');
  services.fetchTasks.begin(id);
  const work = carryOut(order, exchange).catch((error: unknown) => {
    services.onWarning(`an asynchronous fetch of ${order.url} failed: ${error instanceof Error ? error.message : ''}`);
  });
  services.running.add(
    work.then(() => services.fetchTasks.end(id)),
    `fetch ${entry.reqid}`,
  );
  return { status: 200, body: { id, wait: 0 } };
}

/** `GET /sisyphus/fetch?id=`: the number of tasks ahead in the queue; -1 once the task has run. */
export async function queryFetch(exchange: Exchange): Promise<Answer> {
  await readSignedBody(exchange);
  const id = exchange.query.get('id') ?? '';
  const isRun = exchange.services.fetchTasks.isRun(id);
  if (isRun === undefined) throw new KodoError(612, 'no such entry');
  return { status: 200, body: { id, wait: isRun ? -1 : 0 } };
}

async function carryOut(order: Order, exchange: Exchange): Promise<void> {
  const { services } = exchange;
  const { bucket, callbackurl } = order;
  const [key, host] = [order.key || undefined, order.host || undefined];
  if (order.ignore_same_key === true && key !== undefined && services.store.get(bucket, key) !== undefined) return;
  let object: KodoObject | undefined;
  let failure: unknown;
  const checks = { etag: order.etag || undefined, md5: order.md5 || undefined };
  for (const url of order.url.split(';')) {
    try {
      object = await storeFetched({ url, host, bucket, key, fileType: order.file_type ?? 0, ...checks }, services);
      break;
    } catch (error) {
      failure = error;
    }
  }
  if (object === undefined) throw failure;
  if (!callbackurl) return;
  const contentType = order.callbackbodytype || FORM;
  const lookup = variablesOf(object);
  const body = substitute(order.callbackbody ?? '', contentType === FORM ? 'form' : 'json', lookup);
  const message = { host: order.callbackhost || undefined, contentType, body, reqid: exchange.entry.reqid };
  const outcome = await deliverCallback(callbackurl.split(';'), message, services.callback);
  if (!outcome.ok) throw new Error(`the callback failed: ${outcome.error}`);
}

function variablesOf({ bucket, key, hash, fsize, mimeType }: KodoObject): Lookup {
  const values: Readonly<Record<string, string | number>> = { bucket, key, etag: hash, hash, fsize, mimeType };
  return (name) => (Object.hasOwn(values, name) ? values[name] : undefined);
}
