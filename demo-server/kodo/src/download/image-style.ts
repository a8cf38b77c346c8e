import type { KodoObject, ObjectStore } from '../store/object-store.js';
import type { BucketState } from '../store/bucket-store.js';

/** A parsed download path: an object, and the command of the style after its key. */
export interface Named {
  readonly object: KodoObject;
  readonly style: string | undefined;
}

/**
 * Resolves a key with an optional style. `<key><separator><style>` selects the object and the style's command; any
 * character of the bucket's separator setting separates. An object whose key is the whole name takes precedence.
 *
 * Source: https://developer.qiniu.com/dora/1218/image-style; the precedence is inferred
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
