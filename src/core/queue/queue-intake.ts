import type { Emit, QueueItems } from './queue-items.js';
import type { FileEntry, StoredFile } from '../items/file-entry.js';
import type { UploadQueueSettings } from './queue-options.js';
import type { QueueRunner } from './queue-runner.js';
import type { UnfinishedUpload } from '../resume/resume-keeper.js';
import { findRejectReason } from '../files/rules.js';
import type { RejectReason } from '../items/reject-reason.js';
import { resultOf, StoredFiles } from './stored-files.js';
import { storedBytes } from '../transport/transport.js';
import { toUploadFile } from '../files/upload-file.js';
import {
  createItem,
  type UploadFile,
  type UploadItem,
  type UploadItemIn,
  type UploadStatus,
} from '../items/upload-item.js';
import { NO_PROGRESS, percentOf } from '../items/upload-progress.js';

/** States in which a file does not count toward `maxFiles` and `maxTotalSize`, and can be added again. */
const UNCOUNTED: ReadonlySet<UploadStatus> = new Set<UploadStatus>(['rejected', 'failed', 'cancelled']);

export interface QueueIntakeOptions {
  readonly items: QueueItems;
  readonly runner: QueueRunner;
  /** The queue's settings at the time of the call. */
  readonly settings: () => UploadQueueSettings;
  readonly emit: Emit;
}

/** Adds files to a queue's list: checks them against the rules and replaces earlier items of the same file. */
export class QueueIntake {
  readonly #items: QueueItems;
  readonly #runner: QueueRunner;
  readonly #settings: () => UploadQueueSettings;
  readonly #emit: Emit;
  readonly #stored = new StoredFiles();

  constructor({ items, runner, settings, emit }: QueueIntakeOptions) {
    this.#items = items;
    this.#runner = runner;
    this.#settings = settings;
    this.#emit = emit;
  }

  /** Adds chosen files; enqueues those that pass the rules, unless `manual` is set. */
  add(files: Iterable<File | FileEntry>): readonly UploadItem[] {
    const { rules = {}, manual = false } = this.#settings();
    const added: UploadItem[] = [];
    const listed = this.#listed();
    const entries = [...files].map((given) => ({
      entry: toUploadFile(given),
      rejected: 'file' in given ? given.rejected : undefined,
    }));
    for (const { entry, rejected } of entries) {
      const reason =
        rejected ?? (this.#isDuplicate(entry) ? { code: 'duplicate' } : findRejectReason(entry, rules, listed));
      if (reason !== undefined) {
        added.push(this.#reject(entry, reason));
        continue;
      }
      const item = createItem(entry, { status: 'queued' }) as UploadItemIn<'queued'>;
      if (!this.#emit('file-add', { item }, true)) continue;
      this.#replaceEarlier(entry);
      this.#items.set(item);
      added.push(item);
      listed.count += 1;
      listed.bytes += entry.size;
      if (!manual) this.#runner.enqueue(item.id);
    }
    return added;
  }

  /** Adds files that are already stored. */
  addStored(files: Iterable<StoredFile>): readonly UploadItem[] {
    return [...files].map((file) => {
      const item = createItem(toStoredFile(file), { status: 'done', result: resultOf(file, this.#settings().domain) });
      this.#items.set(item);
      return item;
    });
  }

  /** Shows exactly these stored files, before the uploads. @returns their items */
  setStored(files: Iterable<StoredFile | UploadItem>): readonly UploadItem[] {
    const { list } = this.#items;
    const { named, removed, changed, order } = this.#stored.compare(
      files,
      list.snapshot,
      this.#settings().domain,
      toStoredFile,
    );
    for (const item of changed) this.#items.set(item);
    if (order !== undefined) this.#items.arrange(order);
    // A listener may have set another list meanwhile.
    for (const id of removed) {
      if (this.#stored.has(id)) continue;
      this.#runner.forget(id);
      this.#items.remove(id);
    }
    return named.flatMap((id) => list.get(id) ?? []);
  }

  /** Adds unfinished uploads of an earlier visit, except for files already in the list. */
  addUnfinished(unfinished: readonly UnfinishedUpload[]): readonly UploadItem[] {
    return unfinished.flatMap(({ record, kept }) => {
      const { name, type, lastModified, path = '', size } = record;
      const file = kept instanceof File ? kept : new File([], name, { type, lastModified });
      const handle = kept instanceof File ? undefined : kept;
      const entry: UploadFile = { ...toUploadFile({ file, path, handle }), size };
      if (this.#items.list.sameAs(entry).length > 0) return [];
      const bytes = storedBytes(record.stored);
      const progress = { ...NO_PROGRESS, sentBytes: bytes, storedBytes: bytes, percent: percentOf(bytes, size) };
      const item = createItem(entry, { status: kept === undefined ? 'interrupted' : 'paused', progress });
      this.#items.set(item);
      return [item];
    });
  }

  /** Why a failed file cannot be retried: it did not count toward the limits, which may have been reached since. */
  reasonAgainst(item: UploadItem): RejectReason | undefined {
    const { maxFiles, maxTotalSize } = this.#settings().rules ?? {};
    return findRejectReason(item, { maxFiles, maxTotalSize }, this.#listed());
  }

  #reject(entry: UploadFile, reason: RejectReason): UploadItem {
    for (const { id, status } of this.#items.list.sameAs(entry)) if (status === 'rejected') this.#items.remove(id);
    const item = createItem(entry, { status: 'rejected', reason }) as UploadItemIn<'rejected'>;
    this.#items.set(item);
    this.#emit('file-reject', { item, reason });
    return item;
  }

  /** Removes earlier items of a file that is added again; the new item continues their upload. */
  #replaceEarlier(file: UploadFile): void {
    for (const { id, status } of this.#items.list.sameAs(file)) {
      const isReplaced = status === 'interrupted' || (UNCOUNTED.has(status) && !this.#allowsDuplicates);
      if (!isReplaced) continue;
      this.#runner.inherit(file.id, id);
      this.#items.remove(id);
    }
  }

  /** Whether the same file is already in the list and duplicates are not allowed. */
  #isDuplicate(file: UploadFile): boolean {
    if (this.#allowsDuplicates) return false;
    return this.#items.list.sameAs(file).some(({ status }) => status !== 'interrupted' && !UNCOUNTED.has(status));
  }

  get #allowsDuplicates(): boolean {
    return this.#settings().duplicates === 'allow';
  }

  /** Number and total bytes of the files that count toward `maxFiles` and `maxTotalSize`. */
  #listed(): { count: number; bytes: number } {
    const listed = this.#items.list.snapshot.filter(({ status }) => !UNCOUNTED.has(status));
    return { count: listed.length, bytes: listed.reduce((sum, { size }) => sum + size, 0) };
  }
}

/** Creates an entry with an empty `File`, because the bytes of a stored file are not available. */
function toStoredFile({ name, size = 0, type = '' }: StoredFile): UploadFile {
  return { ...toUploadFile(new File([], name, { type })), size, type };
}
