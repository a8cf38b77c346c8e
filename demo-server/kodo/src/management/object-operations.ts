import type { Services } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import { TRANSITIONS, type KodoObject, type Transition } from '../store/object-store.js';
import { midnightAfter } from '../text/china-time.js';
import { decodeSegment, parseEntry } from '../text/object-path.js';
import { readOptions } from '../text/path-fields.js';
import { readMetadata } from '../upload/object-metadata.js';
import { checkCondition } from './condition.js';
import { describeObject, isArchived } from './object-facts.js';

/** Dependencies of the operations. */
export type OperationServices = Pick<Services, 'store' | 'buckets' | 'now' | 'restoreTime'>;

/** A call on one object, parsed from its path; `stat` also has a query. */
export interface OperationCall {
  /** Path segments after the operation's name, as sent. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * One operation on an object; returns the response body, if any.
 *
 * @throws {KodoError} 400, 612, 613, 614 or 631
 */
export type Operation = (call: OperationCall, services: OperationServices) => Promise<object | undefined>;

/** The storage classes that `chtype` accepts. */
const FILE_TYPES: readonly string[] = ['0', '1', '2', '3', '4', '5'];

/** Maximum number of days for which an archived object can be restored. */
const MAX_RESTORE_DAYS = 7;

/** Options of `lifecycle`, and the transitions that they set. */
const LIFECYCLE: Readonly<Record<string, Transition>> = {
  toIAAfterDays: 'transitionToIA',
  toIntelligentTieringAfterDays: 'transitionToIntelligentTiering', // from the source of qshell
  toArchiveIRAfterDays: 'transitionToArchiveIR',
  toArchiveAfterDays: 'transitionToARCHIVE',
  toDeepArchiveAfterDays: 'transitionToDeepArchive',
};

/**
 * The operations on one object, by the first segment of their paths. A batch combines them.
 *
 * Sources: https://developer.qiniu.com/kodo/1308/stat, 1257/delete, 1254/copy, 1288/move, 1252/chgm, 3710/chtype,
 * 4173/modify-the-file-status, 1732/update-file-lifecycle, 8062/modify-object-life-cycle and 6380/restore-archive
 */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  async stat({ segments: [entry], query }, services) {
    const { now, restoreTime } = services;
    const needParts = query.get('needparts') === 'true';
    return Promise.resolve(describeObject(find(entry, services), { needParts, now: now(), restoreTime }));
  },

  async delete({ segments: [entry] }, services) {
    const { bucket, key } = find(entry, services);
    await services.store.delete(bucket, key);
    return undefined;
  },

  async copy({ segments: [from, to, ...rest] }, services) {
    const source = find(from, services);
    const { bucket, key } = target(to, services);
    const force = isForced(rest);
    if (!force && services.store.get(bucket, key) !== undefined) throw new KodoError(614, 'file exists');
    const { hash, fsize, md5, mimeType, metadata, headers = {}, fileType = 0, endUser, parts, files } = source;
    const content = { hash, fsize, md5, mimeType, metadata, headers, fileType, endUser, parts, files };
    await services.store.put({ ...content, bucket, key, putTime: services.now() }, false);
    return undefined;
  },

  async move({ segments: [from, to, ...rest] }, services) {
    const source = find(from, services);
    const { bucket, key } = target(to, services);
    await services.store.move(source, bucket, key, isForced(rest));
    return undefined;
  },

  async chgm({ segments: [entry, ...rest] }, services) {
    const object = find(entry, services);
    const options = readOptions(rest);
    const mimeType = options.has('mime') ? decodeSegment(options.get('mime')) : '';
    const named = [...options].filter(([name]) => name.toLowerCase().startsWith('x-qn-meta-'));
    const metadata = readMetadata(named.map(([name, value]) => [name, decodeSegment(value)] as const));
    if (mimeType === '' && named.length === 0) throw invalid();
    if (!/^[\x20-\x7e]*$/.test(mimeType)) throw invalid(); // used as a header value
    checkCondition(options.get('cond'), object);
    await services.store.update(object, {
      metadata: { ...object.metadata, ...metadata },
      ...(mimeType === '' ? {} : { mimeType }),
    });
    return undefined;
  },

  async chtype({ segments: [entry, ...rest] }, services) {
    const object = find(entry, services);
    const type = readOptions(rest).get('type') ?? '';
    if (!FILE_TYPES.includes(type)) throw invalid();
    const fileType = Number(type);
    if (fileType !== 0 && fileType === (object.fileType ?? 0)) throw new KodoError(400, 'already in line stat');
    await services.store.update(object, { fileType, restore: undefined });
    return undefined;
  },

  async chstatus({ segments: [entry, ...rest] }, services) {
    const object = find(entry, services);
    const options = readOptions(rest);
    const status = options.get('status') ?? '';
    if (!['0', '1'].includes(status)) throw invalid();
    const disabled = status === '1';
    checkCondition(options.get('cond'), object);
    if (disabled === (object.disabled ?? false)) {
      throw new KodoError(400, disabled ? 'already disabled' : 'already enabled');
    }
    await services.store.update(object, { disabled });
    return undefined;
  },

  async deleteAfterDays({ segments: [entry, days] }, services) {
    const object = find(entry, services);
    const count = readDays(days ?? '');
    if (count < 0) throw invalid();
    await services.store.update(object, { expireAt: count === 0 ? undefined : midnightAfter(services.now(), count) });
    return undefined;
  },

  async lifecycle({ segments: [entry, ...rest] }, services) {
    const object = find(entry, services);
    const options = readOptions(rest);
    checkCondition(options.get('cond'), object);
    const after = (name: string, before: number | undefined): number | undefined => {
      const days = readDays(options.get(name) ?? '0');
      if (days === 0) return before; // left unchanged
      return days < 0 ? undefined : midnightAfter(services.now(), days);
    };
    const transitions = { ...object.transitions };
    for (const [name, transition] of Object.entries(LIFECYCLE)) {
      const at = after(name, transitions[transition]);
      if (at === undefined) delete transitions[transition];
      else transitions[transition] = at;
    }
    const ordered = TRANSITIONS.flatMap((name) => transitions[name] ?? []);
    if (ordered.some((at, index) => at < (ordered[index - 1] ?? 0))) throw invalid();
    await services.store.update(object, { transitions, expireAt: after('deleteAfterDays', object.expireAt) });
    return undefined;
  },

  async restoreAr({ segments: [entry, ...rest] }, services) {
    const object = find(entry, services);
    const days = Number(readOptions(rest).get('freezeAfterDays') ?? '');
    if (!Number.isInteger(days) || days < 1 || days > MAX_RESTORE_DAYS) throw invalid();
    if (!isArchived(object)) throw new KodoError(400, 'only archived files can be restored');
    await services.store.update(object, { restore: { orderedAt: services.now(), days } });
    return undefined;
  },
};

/** The object that an entry refers to. An entry without a colon has no bucket, as recorded. */
function find(segment: string | undefined, { store, buckets }: OperationServices): KodoObject {
  const { bucket, key } = parseEntry(segment ?? '!');
  if (key === undefined) throw new KodoError(631, 'no such bucket');
  buckets.require(bucket);
  return store.require(bucket, key);
}

/** The destination that an entry refers to. */
function target(
  segment: string | undefined,
  { buckets }: OperationServices,
): { readonly bucket: string; readonly key: string } {
  const { bucket, key } = parseEntry(segment ?? '!');
  if (key === undefined) throw new KodoError(631, 'no such bucket');
  buckets.require(bucket);
  return { bucket, key };
}

function isForced(segments: readonly string[]): boolean {
  return ['true', '1'].includes(readOptions(segments).get('force') ?? ''); // the C SDK sends numbers
}

function readDays(text: string): number {
  if (!/^-?\d{1,6}$/.test(text)) throw invalid();
  return Number(text);
}

function invalid(): KodoError {
  return new KodoError(400, 'invalid argument');
}
