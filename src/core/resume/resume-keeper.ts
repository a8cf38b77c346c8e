import { browserKeptFiles, type KeptFiles } from './kept-files.js';
import { leaseFile, NO_LEASE, type LeaseRequest, type ResumeLease } from './resume-lease.js';
import { identityOf, recordName, ResumeRecords, type FileIdentity, type ResumeRecord } from './resume-records.js';
import type { UploadFile } from '../items/upload-item.js';

export interface ResumeKeeperOptions {
  readonly records?: ResumeRecords | undefined;
  readonly keptFiles?: KeptFiles | undefined;
}

/** An unfinished upload of an earlier visit. */
export interface UnfinishedUpload {
  readonly record: ResumeRecord;
  /** The file or its handle, if it could be stored. */
  readonly kept: File | FileSystemFileHandle | undefined;
}

/**
 * Milliseconds after the first stored part until the file is stored: most uploads have ended by then, and a copy costs
 * disk space and time.
 */
const KEEP_DELAY = 2000;

/** Stores the progress of a queue's uploads across reloads, together with handles or small files. */
export class ResumeKeeper {
  readonly #records: ResumeRecords;
  readonly #keptFiles: KeptFiles;
  #isOn = true;
  #scope = '';

  constructor({ records = new ResumeRecords(), keptFiles = browserKeptFiles }: ResumeKeeperOptions) {
    this.#records = records;
    this.#keptFiles = keptFiles;
  }

  /** @param scope namespace that separates the parts of a site */
  configure({ isOn, scope }: { readonly isOn: boolean; readonly scope: string }): void {
    this.#isOn = isOn;
    this.#scope = scope;
  }

  /** Acquires the lease of a file. @throws the signal's reason if it is aborted meanwhile */
  async lease(request: Omit<LeaseRequest, 'scope'>): Promise<ResumeLease> {
    if (!this.#isOn) return NO_LEASE;
    const { file } = request;
    const identity = identityOf(file, this.#scope);
    const lease = await leaseFile(this.#records, { ...request, scope: this.#scope });
    if (lease === NO_LEASE) return lease;
    let isScheduled = false;
    return {
      ...lease,
      save: (session) => {
        lease.save(session);
        if (!isScheduled) setTimeout(() => void this.#keep(file, identity), KEEP_DELAY);
        isScheduled = true;
      },
      // Uses the original scope: the token route's URL may have changed since.
      forget: () => this.#forget(identity),
    };
  }

  async #keep(file: UploadFile, identity: FileIdentity): Promise<void> {
    const isOver = (): boolean => this.#records.find(identity) === undefined;
    if (isOver()) return;
    await this.#keptFiles.keep(recordName(identity), file.handle ?? file.file);
    if (isOver()) await this.#keptFiles.remove(recordName(identity));
  }

  /** Deletes the resume record of a file. */
  forget(file: UploadFile): void {
    if (this.#isOn) this.#forget(identityOf(file, this.#scope));
  }

  #forget(identity: FileIdentity): void {
    if (this.#records.find(identity) === undefined) return;
    this.#records.remove(identity);
    void this.#keptFiles.remove(recordName(identity));
  }

  /** Returns the unfinished uploads of earlier visits. */
  async unfinished(): Promise<readonly UnfinishedUpload[]> {
    const records = this.#isOn ? this.#records.list().filter(({ scope }) => scope === this.#scope) : [];
    return Promise.all(
      records.map(async (record) => ({ record, kept: await this.#keptFiles.find(recordName(record)) })),
    );
  }
}
