import { TRANSITIONS, type KodoObject } from '../store/object-store.js';

/** Kodo stores upload times in units of 100 nanoseconds. */
const UNITS_PER_MILLISECOND = 10_000;

/** Storage classes whose objects must be restored before they can be read. */
const ARCHIVES: readonly number[] = [2, 3];

export interface FactsOptions {
  /** Whether to include the sizes of the parts. */
  readonly needParts: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds from a restore request until the object is readable. */
  readonly restoreTime: number;
}

/**
 * The response to `stat`. Fields that do not apply are omitted.
 * Source: https://developer.qiniu.com/kodo/1308/stat
 */
export function describeObject(object: KodoObject, options: FactsOptions): Readonly<Record<string, unknown>> {
  const { fsize, hash, md5, mimeType, putTime, fileType = 0, endUser, expireAt, transitions = {}, parts } = object;
  const metadata = Object.entries(object.metadata).map(([name, value]) => [name.slice('x-qn-meta-'.length), value]);
  const restoreStatus = restoreStatusOf(object, options);
  const dates = TRANSITIONS.flatMap((name) => {
    const at = transitions[name];
    return at === undefined ? [] : [[name, at / 1000]];
  });
  return {
    fsize,
    hash,
    ...(md5 === undefined ? {} : { md5 }),
    mimeType,
    putTime: putTime * UNITS_PER_MILLISECOND,
    type: fileType,
    ...(endUser === undefined ? {} : { endUser }),
    ...(object.disabled === true ? { status: 1 } : {}),
    ...(restoreStatus === undefined ? {} : { restoreStatus }),
    ...(expireAt === undefined ? {} : { expiration: expireAt / 1000 }),
    ...(Object.fromEntries(dates) as Record<string, number>),
    ...(metadata.length === 0 ? {} : { 'x-qn-meta': Object.fromEntries(metadata) as Record<string, string> }),
    ...(options.needParts && parts !== undefined ? { parts } : {}),
  };
}

/** Restore status of an archived object: 1 in progress, 2 done; `undefined` while frozen, or for other objects. */
export function restoreStatusOf(
  { fileType = 0, restore }: KodoObject,
  { now, restoreTime }: Pick<FactsOptions, 'now' | 'restoreTime'>,
): 1 | 2 | undefined {
  if (!ARCHIVES.includes(fileType) || restore === undefined) return undefined;
  const readyAt = restore.orderedAt + restoreTime;
  if (now < readyAt) return 1;
  return now < readyAt + restore.days * 86_400_000 ? 2 : undefined;
}

/** Whether an object must be restored before it can be read. */
export function isArchived({ fileType = 0 }: KodoObject): boolean {
  return ARCHIVES.includes(fileType);
}
