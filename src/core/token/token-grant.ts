import { isRecord, parsePutPolicy, type PutPolicy } from '../transport/put-policy.js';
import type { KnownFile } from './token-endpoint.js';
import { toOrigin } from '../net/up-origin.js';
import { UploadError } from '../items/upload-error.js';

/** A token answer, checked, with the token's policy read. */
export interface UploadGrant {
  readonly token: string;
  readonly policy: PutPolicy;
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly hosts: readonly string[];
  readonly domain: string | undefined;
  readonly shared: boolean;
  /** When the token expires, as `performance.now()` tells time: this machine's date may be wrong. */
  readonly expiresAt: number;
  /** Milliseconds from its issue to its end. */
  readonly lifetime: number;
  /** Milliseconds by which this machine's clock is ahead of the business server's, where that is known. */
  readonly clockError: number | undefined;
}

/** Whether the business server has the file already. */
export function isKnownFile(answer: unknown): answer is KnownFile {
  return isRecord(answer) && 'response' in answer && tokenIn(answer) === undefined;
}

/**
 * Checks the answer of a token provider, whatever it is. The fields may also lie in `data`, as in the common form
 * `{code, message, data}`.
 *
 * @throws {UploadError} `token-malformed`
 */
export function parseGrant(answer: unknown): UploadGrant {
  const outer: Readonly<Record<string, unknown>> =
    typeof answer === 'string' ? { token: answer } : isRecord(answer) ? answer : {};
  const isWrapped = tokenIn(outer) === undefined && isRecord(outer['data']);
  const fields = isWrapped ? (outer['data'] as Readonly<Record<string, unknown>>) : outer;
  const token = tokenIn(fields);
  if (typeof token !== 'string' || token.trim() === '') {
    const names = Object.keys(fields).filter((name) => name !== 'serverTime');
    const found = names.length === 0 ? '' : `; it has ${names.slice(0, 9).join(', ')}`;
    throw new UploadError('token-malformed', `The token answer has no token${found}. It must be {"token": "…"}.`);
  }
  const hosts = Array.isArray(fields['hosts']) ? (fields['hosts'] as unknown[]) : [];
  const policy = parsePutPolicy(token.trim());
  const serverTime = [fields['serverTime'], outer['serverTime']].find((time) => typeof time === 'number');
  const lifetime = lifetimeOf(fields['expiresIn'], policy, serverTime ?? Date.now());
  return {
    token: token.trim(),
    policy,
    shared: fields['shared'] === true,
    lifetime,
    expiresAt: performance.now() + lifetime,
    clockError: serverTime === undefined ? undefined : Date.now() - serverTime,
    id: optionalText(fields['id']),
    key: typeof fields['key'] === 'string' ? fields['key'] : undefined,
    hosts: hosts.filter((host): host is string => typeof host === 'string' && host !== '').map(toOrigin),
    domain: optionalText(fields['domain']),
  };
}

function tokenIn(fields: Readonly<Record<string, unknown>>): unknown {
  return fields['token'] ?? fields['uptoken'] ?? fields['upToken'];
}

/** A token whose end nobody tells is taken to be good for an hour, as Qiniu's server SDKs make them. */
const USUAL_LIFETIME = 3_600_000;

function lifetimeOf(expiresIn: unknown, { deadline }: PutPolicy, serverTime: number): number {
  if (typeof expiresIn === 'number' && expiresIn > 0) return expiresIn * 1000;
  // A deadline in milliseconds is a mistake that is warned about elsewhere; Kodo takes it as far away.
  return deadline === undefined ? USUAL_LIFETIME : Math.max(0, deadline * 1000 - serverTime);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
