import type { UploadError, UploadErrorCode } from '../items/upload-error.js';

/** What is known when an attempt has failed. */
export interface AttemptFacts {
  /** Whether the attempt went on with parts of an earlier one. */
  readonly wasResumed: boolean;
  /** Whether the upload was begun afresh already, after Kodo had forgotten it. */
  readonly wasRestarted: boolean;
  /** Whether the token was renewed after a 401, and nothing came through since. */
  readonly wasRenewed: boolean;
  /** Whether all bytes were out once and no answer came: the file may be stored. */
  readonly mayBeStored: boolean;
  /** Whether the business server can be asked what became of it. */
  readonly canConfirm: boolean;
  /** Whether another up host was not tried yet since something came through. */
  readonly hasOtherHost: boolean;
  /** Failures since something came through, this one included. */
  readonly failures: number;
  /** How many of them are put up with. */
  readonly retries: number;
}

export type NextStep =
  /** Ask for a new token for the same upload, and go on. */
  | { readonly kind: 'renew' }
  /** Try the next host at once. */
  | { readonly kind: 'other-host' }
  /** Go on at the host that Kodo named. */
  | { readonly kind: 'named-host'; readonly host: string }
  /** Wait, longer each time, and go on. */
  | { readonly kind: 'wait' }
  /** Forget what was stored, and begin afresh. */
  | { readonly kind: 'restart' }
  /** Stored, as far as can be known: ask the business server, and never send the bytes again. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'fail' };

/** Codes of what may pass by itself. */
const PASSING: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'network',
  'stalled',
  'server-error',
  'rate-limited',
  'checksum-mismatch',
  'token-unreachable',
  'token-timeout',
  'token-server-error',
]);

/** Codes that another host may not have. */
const OF_HOST: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>(['network', 'stalled', 'server-error']);

/** What to do after a failed attempt: the one place that decides it. */
export function nextStep(error: UploadError, facts: AttemptFacts): NextStep {
  const { code } = error;
  if (code === 'callback-failed') return { kind: 'confirm' };
  if (facts.mayBeStored) {
    // The id of a completed upload is used up, and its key is taken: by this very file.
    if (code === 'upload-expired' || code === 'file-exists') return { kind: 'confirm' };
    if (facts.canConfirm && OF_HOST.has(code)) return { kind: 'confirm' };
  }
  if (code === 'file-exists') return facts.canConfirm ? { kind: 'confirm' } : { kind: 'fail' };
  const isForgotten = code === 'upload-expired' || (code === 'bad-request' && facts.wasResumed);
  if (isForgotten || code === 'upload-unknown') return { kind: facts.wasRestarted ? 'fail' : 'restart' };
  if (code === 'token-expired') return { kind: facts.wasRenewed ? 'fail' : 'renew' };
  const host = code === 'region-mismatch' ? namedHost(error) : undefined;
  if (host !== undefined && host !== error.host) return { kind: 'named-host', host };
  if (!PASSING.has(code) || facts.failures > facts.retries) return { kind: 'fail' };
  return { kind: OF_HOST.has(code) && facts.hasOtherHost ? 'other-host' : 'wait' };
}

/** "incorrect region, please use up-z2.qiniup.com, bucket is: …"; the scheme stays what it was. */
function namedHost({ serverMessage = '', host = 'https://' }: UploadError): string | undefined {
  const name = /please use (?:https?:\/\/)?([\w.-]+(?::\d+)?)/i.exec(serverMessage)?.[1];
  return name === undefined ? undefined : `${host.split('//')[0]}//${name}`;
}
