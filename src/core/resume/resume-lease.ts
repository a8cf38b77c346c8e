import { untilAborted } from '../net/abort.js';
import { sampleOf } from './file-sample.js';
import { identityOf, newExpiry, recordName, type ResumeRecords } from './resume-records.js';
import type { UploadFile } from '../items/upload-item.js';
import { isSentAsForm } from '../transport/upload-plan.js';
import type { UploadSession } from './upload-session.js';
import { warnOnce } from '../shared/warn-once.js';

/** This tab's cross-tab lock on a file, with its resume record. */
export interface ResumeLease {
  /** Saves the upload's progress. */
  save(session: Omit<UploadSession, 'reset' | 'forgetParts'>): void;
  /** Deletes the resume record, because the upload has ended or was discarded. */
  forget(): void;
  /** Releases the lock. */
  release(): void;
}

export interface LeaseRequest {
  readonly file: UploadFile;
  /** Receives the saved progress. */
  readonly session: UploadSession;
  readonly scope: string;
  readonly signal: AbortSignal;
  /** Called if another tab holds the lock; the lease is granted when it is released. */
  readonly onElsewhere: () => void;
}

/** The lease of files that are not resumable. */
export const NO_LEASE: ResumeLease = { save: () => undefined, forget: () => undefined, release: () => undefined };

/**
 * Acquires the cross-tab lock of a file and restores saved progress into the session, if the file's content matches.
 * Waits while another tab holds the lock.
 *
 * @throws the signal's reason if it is aborted meanwhile
 */
export async function leaseFile(records: ResumeRecords, request: LeaseRequest): Promise<ResumeLease> {
  const { file, session, scope, signal } = request;
  if (isSentAsForm(file.size, undefined)) return NO_LEASE; // too small for parts
  // If the file cannot be read, the upload reports it.
  const sample = await untilAborted(
    sampleOf(file.file).catch(() => undefined),
    signal,
  );
  if (sample === undefined) return NO_LEASE;
  const identity = identityOf(file, scope);
  const release = await lock(recordName(identity), request);
  const record = records.find(identity);
  // Kodo keeps parts for some days after the upload was initiated, so the expiry belongs to the upload, not the file.
  let expiry = record === undefined ? undefined : { uploadId: record.stored.uploadId, at: record.expiresAt };
  if (record !== undefined && record.sample !== sample) {
    warnOnce(`"${file.name}" has changed since it was partly uploaded, so its upload starts over.`);
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
 * Acquires a Web Lock; the browser releases it when the tab is closed. If locks are missing or denied (in a sandboxed
 * frame), tabs are not synchronized.
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
      `Uploads of the same file in other tabs cannot be detected, because Web Locks are denied: ${String(error)}`,
    );
    return () => undefined;
  }
}
