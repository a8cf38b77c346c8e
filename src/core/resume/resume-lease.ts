import { untilAborted } from '../net/abort.js';
import { sampleOf } from './file-sample.js';
import { identityOf, newExpiry, recordName, type ResumeRecords } from './resume-records.js';
import type { UploadFile } from '../items/upload-item.js';
import { isSentAsForm } from '../transport/upload-plan.js';
import type { UploadSession } from './upload-session.js';
import { warnOnce } from '../shared/warn-once.js';

/** The right to upload one file from this tab, with what is remembered of it. */
export interface ResumeLease {
  /** Writes down how far the upload is. */
  save(session: Omit<UploadSession, 'reset' | 'forgetParts'>): void;
  /** The upload is over, or given up: nothing is remembered. */
  forget(): void;
  /** Gives the right back. */
  release(): void;
}

export interface LeaseRequest {
  readonly file: UploadFile;
  /** Takes what is remembered. */
  readonly session: UploadSession;
  readonly scope: string;
  readonly signal: AbortSignal;
  /** Another tab is uploading this file; the lease comes when it has ended. */
  readonly onElsewhere: () => void;
}

/** For files that are not resumed. */
export const NO_LEASE: ResumeLease = { save: () => undefined, forget: () => undefined, release: () => undefined };

/**
 * Takes the lease of a file: waits while another tab has it, then fills the session with what is remembered, if the
 * file is provably the same.
 *
 * @throws the signal's reason when it is aborted meanwhile
 */
export async function leaseFile(records: ResumeRecords, request: LeaseRequest): Promise<ResumeLease> {
  const { file, session, scope, signal } = request;
  if (isSentAsForm(file.size, undefined)) return NO_LEASE; // too small for parts
  // A file that cannot be read fails in its upload.
  const sample = await untilAborted(
    sampleOf(file.file).catch(() => undefined),
    signal,
  );
  if (sample === undefined) return NO_LEASE;
  const identity = identityOf(file, scope);
  const release = await lock(recordName(identity), request);
  const record = records.find(identity);
  // Kodo keeps the parts of an upload for some days after it was begun: the date belongs to the upload, not to the file.
  let expiry = record === undefined ? undefined : { uploadId: record.stored.uploadId, at: record.expiresAt };
  if (record !== undefined && record.sample !== sample) {
    warnOnce(`"${file.name}" has changed since it was uploaded in part, so its upload starts over.`);
    records.remove(identity);
  } else if (record !== undefined && session.stored === undefined) {
    const { id, key, host, stored, mayBeStored } = record;
    Object.assign(session, { id, key, host, stored, mayBeStored });
  }
  return {
    save({ id, key, host, stored, mayBeStored }) {
      if (stored === undefined || host === undefined) return;
      const { uploadId } = stored;
      if (expiry?.uploadId !== uploadId) expiry = { uploadId, at: newExpiry() };
      records.save({ ...identity, sample, id, key, host, stored, mayBeStored, expiresAt: expiry.at });
    },
    forget: () => records.remove(identity),
    release,
  };
}

/**
 * Takes the lock that tabs agree by; the browser releases it when a tab is closed. Where there are no locks, or they
 * are refused (a sandboxed frame), tabs do not know of each other.
 */
async function lock(name: string, { signal, onElsewhere }: LeaseRequest): Promise<() => void> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (locks === undefined) return () => undefined;
  const take = (options: LockOptions): Promise<(() => void) | undefined> =>
    new Promise((resolve, reject) => {
      locks
        .request(name, options, (held) => {
          if (held === null) {
            resolve(undefined);
            return undefined;
          }
          return new Promise<void>((release) => resolve(() => release()));
        })
        .catch(reject);
    });
  try {
    const free = await take({ ifAvailable: true });
    if (free !== undefined) {
      if (signal.aborted) free();
      signal.throwIfAborted();
      return free;
    }
    onElsewhere();
    const later = await take({ signal });
    return later ?? (() => undefined);
  } catch (error) {
    signal.throwIfAborted();
    warnOnce(
      `An upload of the same file in another tab cannot be noticed, because locks are refused: ${String(error)}`,
    );
    return () => undefined;
  }
}
