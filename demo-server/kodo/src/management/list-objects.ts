import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { KodoObject } from '../store/object-store.js';
import { fromBase64Url, toBase64Url } from '../text/base64url.js';
import { goJson } from '../text/variables.js';
import { readSignedBody } from './account-signature.js';
import { describeObject } from './object-facts.js';

/** Maximum number of entries of a list, and the default. */
const MAX_LISTED = 1000;

/** A list entry: an object, or the common prefix of several keys up to a delimiter. */
type Listed = { readonly object: KodoObject } | { readonly prefix: string };

interface Page {
  readonly entries: readonly { readonly listed: Listed; readonly marker: string }[];
  /** Marker of the next page; empty on the last page. */
  readonly marker: string;
}

/**
 * `GET` or `POST /list?bucket=&prefix=&marker=&limit=&delimiter=`: a bucket's objects, in byte order of their keys.
 * Source: https://developer.qiniu.com/kodo/1284/list
 */
export async function listObjects(exchange: Exchange): Promise<Answer> {
  await readSignedBody(exchange);
  const { entries, marker } = pageOf(exchange);
  const items = entries.flatMap(({ listed }) => ('object' in listed ? [itemOf(listed.object, exchange)] : []));
  const commonPrefixes = entries.flatMap(({ listed }) => ('prefix' in listed ? [listed.prefix] : []));
  return {
    status: 200,
    body: {
      ...(marker === '' ? {} : { marker }),
      ...(commonPrefixes.length === 0 ? {} : { commonPrefixes }),
      items,
    },
  };
}

/**
 * `GET` or `POST /v2/list?…`: the same as lines of JSON, `{"item","marker","dir"}`, each with the marker for continuing
 * after it. An empty list is an empty body. The type is not JSON: the PHP SDK would parse the body as one value.
 *
 * Source: how the official Go and Java SDKs parse the response
 */
export async function listObjectLines(exchange: Exchange): Promise<Answer> {
  await readSignedBody(exchange);
  const { entries, marker: end } = pageOf(exchange);
  const lines = entries.map(({ listed, marker }, index) => {
    const isLast = index === entries.length - 1;
    const item = 'object' in listed ? itemOf(listed.object, exchange) : null;
    return goJson({ item, marker: isLast ? end : marker, dir: 'prefix' in listed ? listed.prefix : '' });
  });
  return {
    status: 200,
    body: lines.map((line) => `${line}\n`).join(''),
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  };
}

function pageOf({ query, services, entry }: Exchange): Page {
  const bucket = query.get('bucket') ?? '';
  entry.bucket = bucket;
  services.buckets.require(bucket);
  const limit = readLimit(query.get('limit') ?? '');
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const marked = readMarker(query.get('marker') ?? '');
  const after = Buffer.from(marked ?? '');
  // Keys are ordered by their UTF-8 bytes, which differs from the order of JavaScript strings.
  const rest = services.store
    .list(bucket)
    .filter(({ key }) => key.startsWith(prefix))
    .map((object) => ({ object, bytes: Buffer.from(object.key) }))
    .filter(({ bytes }) => marked === undefined || Buffer.compare(bytes, after) > 0)
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .map(({ object }) => object);
  const entries: { readonly listed: Listed; readonly marker: string }[] = [];
  let index = 0;
  while (index < rest.length && entries.length < limit) {
    const object = rest[index];
    if (object === undefined) break;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const common = end === -1 ? undefined : object.key.slice(0, end + delimiter.length);
    let last = object.key;
    index += 1;
    while (common !== undefined && rest[index]?.key.startsWith(common) === true) {
      last = rest[index]?.key ?? last;
      index += 1;
    }
    const listed = common === undefined ? { object } : { prefix: common };
    entries.push({ listed, marker: markerAfter(last) });
  }
  return { entries, marker: index < rest.length ? (entries.at(-1)?.marker ?? '') : '' };
}

function itemOf(object: KodoObject, { query, services }: Exchange): object {
  const { now, restoreTime } = services;
  const needParts = query.get('needparts') === 'true';
  const { status = 0, ...facts } = describeObject(object, { needParts, now: now(), restoreTime });
  return { key: object.key, ...facts, status };
}

/** @throws {KodoError} 400 */
function readLimit(text: string): number {
  if (text === '' || text === '0') return MAX_LISTED; // the official Node SDK sends 0 for no limit
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LISTED) throw new KodoError(400, 'invalid list limit');
  return limit;
}

/** Markers are opaque to clients; here, as in the real service, they contain the last key. */
function markerAfter(key: string): string {
  return toBase64Url(JSON.stringify({ c: 0, k: key }));
}

/** @throws {KodoError} 640 */
function readMarker(marker: string): string | undefined {
  if (marker === '') return undefined;
  try {
    const { k } = JSON.parse(fromBase64Url(marker) ?? '') as { readonly k?: unknown };
    if (typeof k === 'string') return k;
  } catch {
    // not a marker; nor is one without a key
  }
  throw new KodoError(640, 'invalid list marker');
}
