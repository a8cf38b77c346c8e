import type { KodoObject, ObjectStore } from '../store/object-store.js';
import type { BucketState } from '../store/bucket-store.js';

/** What a download's path names: an object, and the command of the style that is named behind its key. */
export interface Named {
  readonly object: KodoObject;
  readonly style: string | undefined;
}

/**
 * Finds what a path names. `<key><separator><style>` stands for the object with the command of the style; each character
 * of the bucket's separator separates. An object that has the whole name as its key comes first.
 *
 * Source: https://developer.qiniu.com/dora/1218/image-style; which of the two comes first is inferred
 */
export function findNamed({ name, settings }: BucketState, key: string, store: ObjectStore): Named | undefined {
  const object = store.get(name, key);
  if (object !== undefined) return { object, style: undefined };
  const { separator = '', styles = {} } = settings;
  const ends = [...separator].map((char) => key.lastIndexOf(char)).filter((at) => at !== -1);
  for (const at of ends.sort((one, other) => other - one)) {
    const style = key.slice(at + 1);
    const styled = Object.hasOwn(styles, style) ? store.get(name, key.slice(0, at)) : undefined;
    if (styled !== undefined) return { object: styled, style: styles[style] };
  }
  return undefined;
}
