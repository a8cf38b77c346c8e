import { KodoError } from '../kodo-error.js';
import type { KodoObject } from '../store/object-store.js';
import { decodeSegment } from '../text/object-path.js';

/**
 * Checks an object against a `cond`: base64 of any of `hash=…&mime=…&fsize=…&putTime=…`.
 *
 * Source: https://developer.qiniu.com/kodo/1252/chgm; status 613 from the official Java SDK's tests.
 *
 * @throws {KodoError} 400 if the condition is invalid, 613 if it does not match
 */
export function checkCondition(segment: string | undefined, object: KodoObject): void {
  if (segment === undefined) return;
  const facts: Readonly<Record<string, string>> = {
    hash: object.hash,
    mime: object.mimeType,
    fsize: String(object.fsize),
    putTime: String(object.putTime * 10_000),
  };
  for (const pair of decodeSegment(segment).split('&')) {
    const [name = '', ...value] = pair.split('=');
    if (!Object.hasOwn(facts, name)) throw new KodoError(400, 'invalid argument');
    if (facts[name] !== value.join('=')) throw new KodoError(613, 'condition not match');
  }
}
