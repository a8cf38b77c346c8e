import type { CallbackScheme } from '../callback/callback.js';
import type { BodyType, Callback, UploadCallback } from './callback-source.js';

/** A combination of scheme and body type whose signature covers the body. */
export interface Way {
  readonly scheme: CallbackScheme;
  readonly type: BodyType;
  readonly callback: Callback;
  readonly name: string;
}

/** The combinations that Kodo uses, as far as the body can be encoded that way. */
export function waysOf(upload: UploadCallback): readonly Way[] {
  const all = [
    ['QBox', 'form'],
    ['Qiniu', 'form'],
    ['Qiniu', 'json'],
  ] as const;
  return all.flatMap(([scheme, type]) => {
    const { [type]: callback } = upload;
    return callback === undefined ? [] : [{ scheme, type, callback, name: nameOf(scheme, type) }];
  });
}

/** The body type that the policy specifies, with a scheme whose signature covers the body. */
export function ownWay(upload: UploadCallback): Way {
  const way = waysOf(upload).find(({ type }) => type === upload.own);
  if (way === undefined) throw new Error('no callback with the body type of the policy');
  return way;
}

/** A label such as `Qiniu, JSON`. */
export function nameOf(scheme: CallbackScheme, type: BodyType): string {
  return `${scheme}, ${type === 'form' ? 'form' : 'JSON'}`;
}
