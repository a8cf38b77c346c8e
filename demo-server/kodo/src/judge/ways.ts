import type { CallbackScheme } from '../callback/callback.js';
import type { BodyType, Callback, UploadCallback } from './callback-source.js';

/** A way to sign a body that the signature covers. */
export interface Way {
  readonly scheme: CallbackScheme;
  readonly type: BodyType;
  readonly callback: Callback;
  readonly name: string;
}

/** The ways in which Kodo signs a body, as far as the body can be written so. */
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

/** The way that the policy asks for, signed by a scheme that covers the body. */
export function ownWay(upload: UploadCallback): Way {
  const way = waysOf(upload).find(({ type }) => type === upload.own);
  if (way === undefined) throw new Error('a policy has a callback of its own type');
  return way;
}

/** A label such as `Qiniu, JSON`. */
export function nameOf(scheme: CallbackScheme, type: BodyType): string {
  return `${scheme}, ${type === 'form' ? 'form' : 'JSON'}`;
}
