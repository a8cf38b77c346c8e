import { isRecord } from '../shared/json.js';
import { parsePutPolicy, type PutPolicy } from '../transport/put-policy.js';
import type { KnownFile } from './token-provider.js';
import { toOrigin } from '../net/up-origin.js';
import { UploadError } from '../items/upload-error.js';

/** A validated token response with the parsed put policy. */
export interface UploadGrant {
  readonly token: string;
  readonly policy: PutPolicy;
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly hosts: readonly string[];
  readonly domain: string | undefined;
  readonly shared: boolean;
  /** When the token expires, on the clock of `performance.now()`: this machine's date may be wrong. */
  readonly expiresAt: number;
  /** Lifetime in milliseconds, from its issue to its expiry. */
  readonly lifetime: number;
  /** Milliseconds by which this machine's clock is ahead of the business server's, if known. */
  readonly clockError: number | undefined;
}

/** Whether a token response says that the business server already has the file. */
export function isKnownFile(answer: unknown): answer is KnownFile {
  return isRecord(answer) && 'response' in answer && tokenIn(answer) === undefined;
}

/**
 * Validates a token provider's response. The fields can also be nested in `data`, as in the common format
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
    throw new UploadError('token-malformed', `The token response has no token${found}. It must be {"token": "…"}.`);
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

/** Milliseconds: the default of Qiniu's server SDKs, assumed for a token without a known expiry. */
const DEFAULT_LIFETIME = 3_600_000;

function lifetimeOf(expiresIn: unknown, { deadline }: PutPolicy, serverTime: number): number {
  if (typeof expiresIn === 'number' && expiresIn > 0) return expiresIn * 1000;
  // A deadline in milliseconds by mistake is warned about elsewhere; to Kodo, it is far in the future.
  return deadline === undefined ? DEFAULT_LIFETIME : Math.max(0, deadline * 1000 - serverTime);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
