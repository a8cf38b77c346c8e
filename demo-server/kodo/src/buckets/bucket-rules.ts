import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { NamedRule } from '../store/bucket-store.js';
import { bucketOf, invalid, readBucketCall, readInteger } from './bucket-call.js';

/** Event types that an event rule can name. */
const EVENTS: readonly string[] = [
  ...['put', 'mkfile', 'delete', 'copy', 'move', 'append', 'disable', 'enable', 'deleteMarkerCreate', 'predelete'],
  'restore:completed',
];

/** Fields of a lifecycle rule that hold days. */
const DAYS = [
  'delete_after_days',
  'to_line_after_days',
  'to_archive_after_days',
  'to_deep_archive_after_days',
  'to_archive_ir_after_days',
  'history_delete_after_days',
  'history_to_line_after_days',
] as const;

/** A kind of rule: lifecycle or event. */
interface Kind {
  readonly field: 'rules' | 'events';
  /** Word for the rule in error messages. */
  readonly word: 'rule' | 'event';
  read(params: URLSearchParams, now: number): NamedRule;
  /** Value that must be unique within a bucket, and the error message for duplicates. */
  readonly unique: { of(rule: NamedRule): string; readonly text: string };
}

/** https://developer.qiniu.com/kodo/8023/lifecycle-rules */
const LIFECYCLE: Kind = {
  field: 'rules',
  word: 'rule',
  read: (params, now) => ({
    name: readName(params),
    prefix: params.get('prefix') ?? '',
    ...Object.fromEntries(DAYS.map((name) => [name, readInteger(params.get(name) || '0', 0)])),
    ctime: new Date(now).toISOString(),
  }),
  unique: { of: ({ prefix }) => String(prefix), text: 'rule prefix exists' },
};

/** https://developer.qiniu.com/kodo/8610/dev-event-notification; error texts from the official Java SDK's tests. */
const EVENT: Kind = {
  field: 'events',
  word: 'event',
  read(params) {
    const name = readName(params);
    const events = params.getAll('event');
    const urls = params.getAll('callbackURL');
    if (events.length === 0 || !events.every((event) => EVENTS.includes(event))) {
      throw new KodoError(400, 'invalid events');
    }
    if (urls.length === 0 || !urls.every((url) => /^https?:\/\//.test(url))) {
      throw new KodoError(400, 'callbackURL must starts with http:// or https://');
    }
    const texts = ['prefix', 'suffix', 'accessKey', 'host'].flatMap((field) => {
      const text = params.get(field);
      if (!text) return [];
      return field === 'accessKey' ? [[field, text] as const, ['access_key', text] as const] : [[field, text] as const];
    });
    // The API description and the official Java SDK use different names for these two fields.
    const lists = { event: events, events, callbackURL: urls, callback_urls: urls };
    return { name, ...(Object.fromEntries(texts) as object), ...lists };
  },
  unique: {
    of: ({ prefix = '', suffix = '' }) => JSON.stringify([prefix, suffix]),
    text: 'event prefix and suffix exists',
  },
};

/**
 * `POST /rules/add`, `update` and `delete`, `GET /rules/get`, and the same for `/events`. Rules are stored and
 * returned, but have no effect.
 */
export async function changeRules(exchange: Exchange): Promise<Answer> {
  const { segments, params } = await readBucketCall(exchange);
  const [kindName, verb] = segments;
  const kind = kindName === 'rules' ? LIFECYCLE : EVENT;
  const { name: bucket, settings } = bucketOf(exchange, params.get('bucket'));
  const rules = settings[kind.field] ?? [];
  if (verb === 'get') return { status: 200, body: rules };
  const { services } = exchange;
  await services.buckets.set(bucket, { [kind.field]: changed(kind, verb ?? '', rules, params, services.now()) });
  return { status: 200, body: {} };
}

function changed(
  kind: Kind,
  verb: string,
  rules: readonly NamedRule[],
  params: URLSearchParams,
  now: number,
): readonly NamedRule[] {
  const { word, unique } = kind;
  const name = params.get('name');
  const others = rules.filter((rule) => rule.name !== name);
  const isThere = others.length < rules.length;
  if (verb === 'add' && isThere) throw new KodoError(400, `${word} name exists`);
  if (verb !== 'add' && !isThere) throw new KodoError(400, `${word} name not found`);
  if (verb === 'delete') return others;
  const rule = kind.read(params, now);
  if (others.some((other) => unique.of(other) === unique.of(rule))) throw new KodoError(400, unique.text);
  return [...others, rule];
}

function readName(params: URLSearchParams): string {
  const name = params.get('name') ?? '';
  if (!/^\w{1,49}$/.test(name)) throw invalid();
  return name;
}
