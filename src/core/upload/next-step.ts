import type { UploadError, UploadErrorCode } from '../items/upload-error.js';

/** The circumstances of a failed attempt. */
export interface AttemptFacts {
  /** Whether the attempt resumed parts of an earlier one. */
  readonly wasResumed: boolean;
  /** Whether the upload was already restarted because it had expired. */
  readonly wasRestarted: boolean;
  /** Whether the token was renewed after a 401, without progress since. */
  readonly wasRenewed: boolean;
  /** Whether all bytes of an attempt were sent without a response: the file may be stored. */
  readonly mayBeStored: boolean;
  /** Whether there is a confirm provider. */
  readonly canConfirm: boolean;
  /** Whether another up host has not been tried since the last progress. */
  readonly hasOtherHost: boolean;
  /** Consecutive failures without progress, including this one. */
  readonly failures: number;
  /** Maximum consecutive failures without progress that are retried. */
  readonly retries: number;
}

export type NextStep =
  /** Request a new token for the same upload and continue. */
  | { readonly kind: 'renew' }
  /** Try the next host immediately. */
  | { readonly kind: 'other-host' }
  /** Continue at the host that Kodo named. */
  | { readonly kind: 'named-host'; readonly host: string }
  /** Back off and continue. */
  | { readonly kind: 'wait' }
  /** Discard stored parts and start over. */
  | { readonly kind: 'restart' }
  /** Stored, or possibly stored: ask the confirm provider before sending anything again. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'fail' };

/** Codes of transient errors. */
const TRANSIENT: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'network',
  'stalled',
  'server-error',
  'rate-limited',
  'checksum-mismatch',
  'token-unreachable',
  'token-timeout',
  'token-server-error',
]);

/** Codes of errors that may be limited to one host. */
const OF_HOST: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>(['network', 'stalled', 'server-error']);

/** Decides what to do after a failed attempt. */
export function nextStep(error: UploadError, facts: AttemptFacts): NextStep {
  const { code } = error;
  if (code === 'callback-failed') return { kind: 'confirm' };
  if (facts.mayBeStored) {
    // A completed upload's ID is no longer valid, and its key is taken by the file itself.
    if (code === 'upload-expired' || code === 'file-exists') return { kind: 'confirm' };
    if (facts.canConfirm && OF_HOST.has(code)) return { kind: 'confirm' };
  }
  if (code === 'file-exists') return facts.canConfirm ? { kind: 'confirm' } : { kind: 'fail' };
  const isForgotten = code === 'upload-expired' || (code === 'bad-request' && facts.wasResumed);
  if (isForgotten || code === 'upload-unknown') return { kind: facts.wasRestarted ? 'fail' : 'restart' };
  if (code === 'token-expired') return { kind: facts.wasRenewed ? 'fail' : 'renew' };
  const host = code === 'region-mismatch' ? namedHost(error) : undefined;
  if (host !== undefined && host !== error.host) return { kind: 'named-host', host };
  if (!TRANSIENT.has(code) || facts.failures > facts.retries) return { kind: 'fail' };
  return { kind: OF_HOST.has(code) && facts.hasOtherHost ? 'other-host' : 'wait' };
}

/** Parses "incorrect region, please use up-z2.qiniup.com, bucket is: …"; keeps the scheme. */
function namedHost({ serverMessage = '', host = 'https://' }: UploadError): string | undefined {
  const name = /please use (?:https?:\/\/)?([\w.-]+(?::\d+)?)/i.exec(serverMessage)?.[1];
  return name === undefined ? undefined : `${host.split('//')[0]}//${name}`;
}
