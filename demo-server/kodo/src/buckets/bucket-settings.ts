import { z } from 'zod';
import { parseJson, type Answer, type Exchange } from '../exchange.js';
import type { BucketSettings } from '../store/bucket-store.js';
import { decodeSegment } from '../text/object-path.js';
import { base64After, bucketOf, invalid, readBucketCall, readFlag, readInteger } from './bucket-call.js';

/** The bucket service returns an empty object if there is nothing to report: the PHP SDK's tests expect JSON. */
const DONE: Answer = { status: 200, body: {} };

/** Maximum length of a remark, in characters. */
const MAX_REMARK = 100;

const TAGS = z.object({ Tags: z.array(z.object({ Key: z.string().min(1).max(64), Value: z.string().max(128) })) });
const REMARK = z.object({ remark: z.string().max(MAX_REMARK) });

/** `POST /private?bucket=&private=` */
export async function setPrivate(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  const { name } = bucketOf(exchange, params.get('bucket'));
  await exchange.services.buckets.update(name, { private: readFlag(params.get('private')) === 1 });
  return DONE;
}

/** `POST /maxAge?bucket=&maxAge=`, in seconds; 0 or less means one year. */
export async function setMaxAge(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  return set(exchange, params.get('bucket'), { maxAge: readInteger(params.get('maxAge')) });
}

/** `POST /noIndexPage?bucket=&noIndexPage=` */
export async function setNoIndexPage(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  return set(exchange, params.get('bucket'), { noIndexPage: readFlag(params.get('noIndexPage')) });
}

/** `POST /accessMode/<bucket>/mode/<0|1>`: protection of original images. */
export async function setAccessMode(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  return set(exchange, segments[1], { protected: readFlag(segments[3]) });
}

/** `POST /referAntiLeech?bucket=&mode=&norefer=&pattern=&source_enabled=` */
export async function setReferers(exchange: Exchange): Promise<Answer> {
  const { params } = await readBucketCall(exchange);
  const mode = readInteger(params.get('mode'), 0);
  if (mode > 2) throw invalid();
  const isOff = mode === 0;
  const pattern = params.get('pattern') ?? '';
  const referers = {
    mode,
    patterns: isOff ? [] : pattern.split(';').filter((text) => text !== ''),
    allowEmpty: !isOff && params.get('norefer') === '1',
    sourceEnabled: !isOff && params.get('source_enabled') === '1',
  };
  return set(exchange, params.get('bucket'), { referers });
}

/** `POST /setbucketquota/<bucket>[/size/<bytes>][/count/<n>]`: 0 keeps a limit, -1 removes it. */
export async function setQuota(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  const [, bucket, ...limits] = segments;
  const before = bucketOf(exchange, bucket).settings.quota ?? { size: -1, count: -1 };
  const limit = (name: 'size' | 'count'): number => {
    const at = limits.indexOf(name);
    return (at === -1 ? 0 : readInteger(limits[at + 1], -1)) || before[name];
  };
  return set(exchange, bucket, { quota: { size: limit('size'), count: limit('count') } });
}

/** `GET` or `POST /getbucketquota/<bucket>` */
export async function getQuota(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  return { status: 200, body: bucketOf(exchange, segments[1]).settings.quota ?? { size: -1, count: -1 } };
}

/** `POST /corsRules/set/<bucket>` with a JSON list. */
export async function setCors(exchange: Exchange): Promise<Answer> {
  const { segments, body } = await readBucketCall(exchange);
  const rules = parseJson(body);
  if (!Array.isArray(rules) || rules.length > 10) throw invalid();
  return set(exchange, segments[2], { cors: rules });
}

/** `GET /corsRules/get/<bucket>` */
export async function getCors(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  return { status: 200, body: bucketOf(exchange, segments[2]).settings.cors ?? [] };
}

/** `POST /image/<bucket>/from/<b64 url>[/host/<b64>]`: the mirror source. Some SDKs send the host unencoded. */
export async function setImage(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  const url = base64After(segments, 'from') ?? '';
  if (!url.split(';').every((each) => URL.canParse(each))) throw invalid();
  const at = segments.indexOf('host');
  const host = at === -1 ? undefined : hostIn(segments[at + 1] ?? '');
  return set(exchange, segments[1], { image: { url, ...(host === undefined ? {} : { host }) } });
}

/** `POST /unimage/<bucket>` */
export async function unsetImage(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  const { name, settings } = bucketOf(exchange, segments[1]);
  const { image, ...rest } = settings;
  void image;
  await exchange.services.buckets.update(name, { settings: rest });
  return DONE;
}

/** `PUT`, `GET` and `DELETE /bucketTagging?bucket=` */
export async function changeTags(exchange: Exchange): Promise<Answer> {
  const { params, body } = await readBucketCall(exchange);
  const bucket = params.get('bucket');
  const { settings } = bucketOf(exchange, bucket);
  if (exchange.req.method === 'GET') return { status: 200, body: { Tags: settings.tags ?? [] } };
  if (exchange.req.method === 'DELETE') return set(exchange, bucket, { tags: [] });
  const read = TAGS.safeParse(parseJson(body));
  if (!read.success) throw invalid();
  return set(exchange, bucket, { tags: read.data.Tags });
}

/** `PUT /buckets/<bucket>?remark` with `{"remark"}`. */
export async function setRemark(exchange: Exchange): Promise<Answer> {
  const { segments, params, body } = await readBucketCall(exchange);
  const read = REMARK.safeParse(parseJson(body));
  if (!read.success || !params.has('remark')) throw invalid();
  return set(exchange, segments[1], read.data);
}

/** `POST /separator/<bucket>/sep/<b64>`, `/style/<bucket>/name/<b64>/style/<b64>` and `/unstyle/<bucket>/name/<b64>`. */
export async function changeStyles(exchange: Exchange): Promise<Answer> {
  const { segments } = await readBucketCall(exchange);
  const [call, bucket] = segments;
  const styles = { ...bucketOf(exchange, bucket).settings.styles };
  if (call === 'separator') return set(exchange, bucket, { separator: decodeSegment(segments[3]) });
  const name = base64After(segments.slice(2), 'name') ?? '';
  if (call === 'unstyle') delete styles[name];
  else styles[name] = base64After(segments.slice(4), 'style') ?? '';
  return set(exchange, bucket, { styles });
}

/** @throws {KodoError} 631 */
async function set(exchange: Exchange, bucket: string | null | undefined, settings: BucketSettings): Promise<Answer> {
  await exchange.services.buckets.set(bucketOf(exchange, bucket).name, settings);
  return DONE;
}

function hostIn(segment: string): string {
  return segment.includes('.') ? segment : decodeSegment(segment);
}
