import { isRecord, parsePutPolicy, type PutPolicy } from './put-policy.js';
import type { KnownFile } from './token-endpoint.js';
import { toOrigin } from './up-origin.js';
import { UploadError } from './upload-error.js';

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
  return isRecord(answer) && 'response' in answer && answer['token'] === undefined && answer['uptoken'] === undefined;
}

/** Checks what a token provider gave, whatever it was. */
export function parseGrant(answer: unknown): UploadGrant {
  const fields: Readonly<Record<string, unknown>> =
    typeof answer === 'string' ? { token: answer } : isRecord(answer) ? answer : {};
  const token = fields['token'] ?? fields['uptoken'];
  if (typeof token !== 'string' || token.trim() === '') {
    throw new UploadError('token-malformed', 'The token answer has no token. It must be {"token": "…"}.');
  }
  const hosts = Array.isArray(fields['hosts']) ? (fields['hosts'] as unknown[]) : [];
  const policy = parsePutPolicy(token.trim());
  const serverTime = typeof fields['serverTime'] === 'number' ? fields['serverTime'] : undefined;
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
