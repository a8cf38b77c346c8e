import { browserKeptFiles, type KeptFiles } from './kept-files.js';
import { leaseFile, NO_LEASE, type LeaseRequest, type ResumeLease } from './resume-lease.js';
import { identityOf, recordName, ResumeRecords, type FileIdentity, type ResumeRecord } from './resume-records.js';
import type { UploadFile } from '../items/upload-item.js';

export interface ResumeKeeperOptions {
  readonly records?: ResumeRecords | undefined;
  readonly keptFiles?: KeptFiles | undefined;
}

/** An upload of an earlier visit that is not over. */
export interface UnfinishedUpload {
  readonly record: ResumeRecord;
  /** The file, or where it is, where that could be kept. */
  readonly kept: File | FileSystemFileHandle | undefined;
}

/**
 * Milliseconds after the first stored part until a copy of the file is kept: most uploads are over by then, and the copy
 * takes disk and time from them.
 */
const KEEP_AFTER = 2000;

/** Remembers over a reload how far the uploads of one queue are, and small files with them. */
export class ResumeKeeper {
  readonly #records: ResumeRecords;
  readonly #keptFiles: KeptFiles;
  #isOn = true;
  #scope = '';

  constructor({ records = new ResumeRecords(), keptFiles = browserKeptFiles }: ResumeKeeperOptions) {
    this.#records = records;
    this.#keptFiles = keptFiles;
  }

  /** @param scope keeps apart uploads of different parts of a site */
  configure({ isOn, scope }: { readonly isOn: boolean; readonly scope: string }): void {
    this.#isOn = isOn;
    this.#scope = scope;
  }

  /** @throws the signal's reason when it is aborted meanwhile */
  async lease(request: Omit<LeaseRequest, 'scope'>): Promise<ResumeLease> {
    if (!this.#isOn) return NO_LEASE;
    const { file } = request;
    const identity = identityOf(file, this.#scope);
    const lease = await leaseFile(this.#records, { ...request, scope: this.#scope });
    if (lease === NO_LEASE) return lease;
    let isKept = false;
    return {
      ...lease,
      save: (session) => {
        lease.save(session);
        if (!isKept) setTimeout(() => void this.#keep(file, identity), KEEP_AFTER);
        isKept = true;
      },
      // By the scope of that time: the token route may have another address by now.
      forget: () => this.#forget(identity),
    };
  }

  async #keep(file: UploadFile, identity: FileIdentity): Promise<void> {
    const isOver = (): boolean => this.#records.find(identity) === undefined;
    if (isOver()) return;
    await this.#keptFiles.keep(recordName(identity), file.handle ?? file.file);
    if (isOver()) await this.#keptFiles.remove(recordName(identity));
  }

  /** Forgets a file of an earlier visit. */
  forget(file: UploadFile): void {
    if (this.#isOn) this.#forget(identityOf(file, this.#scope));
  }

  #forget(identity: FileIdentity): void {
    if (this.#records.find(identity) === undefined) return;
    this.#records.remove(identity);
    void this.#keptFiles.remove(recordName(identity));
  }

  /** What earlier visits left unfinished. */
  async unfinished(): Promise<readonly UnfinishedUpload[]> {
    const records = this.#isOn ? this.#records.list().filter(({ scope }) => scope === this.#scope) : [];
    return Promise.all(
      records.map(async (record) => ({ record, kept: await this.#keptFiles.find(recordName(record)) })),
    );
  }
}
