import { browserConnectivity } from '../net/connectivity.js';
import type { TotalProgress } from './item-list.js';
import { readHandle } from '../resume/kept-files.js';
import type { QueueHold } from '../items/queue-hold.js';
import { QueueIntake } from './queue-intake.js';
import { QueueItems } from './queue-items.js';
import { checkSettings, type UploadQueueOptions, type UploadQueueSettings } from './queue-options.js';
import type { FileEntry, StoredFile } from '../items/file-entry.js';
import { QueueRunner } from './queue-runner.js';
import { DEFAULT_CONCURRENCY, pageGate, RequestGate } from '../net/request-gate.js';
import { typedEventTarget } from '../shared/typed-event-target.js';
import { toOrigin } from '../net/up-origin.js';
import { UploadContext } from '../upload/upload-context.js';
import type { UploadEventDetails, UploadEventMap, UploadEventName } from '../items/upload-events.js';
import { createItem, isRunning, type UploadItem, type UploadStatus } from '../items/upload-item.js';
import { NO_PROGRESS } from '../items/upload-progress.js';
import { warnOnce } from '../shared/warn-once.js';

/**
 * A headless queue of files and their uploads.
 *
 * @example
 * const queue = createUploadQueue({ tokenProvider: tokenEndpoint({ url: '/api/uploads/token' }) });
 * queue.addEventListener('upload-success', (event) => console.log(event.detail.response));
 * input.addEventListener('change', () => queue.add(input.files));
 */
export class UploadQueue extends typedEventTarget<UploadEventMap>() {
  readonly #gate = new RequestGate(DEFAULT_CONCURRENCY, pageGate);
  readonly #items = new QueueItems((name, detail, cancelable) => this.#emit(name, detail, cancelable));
  readonly #context: UploadContext;
  readonly #runner: QueueRunner;
  readonly #intake: QueueIntake;
  #settings: UploadQueueSettings = {};

  /** @throws {TypeError} if an option has an invalid value */
  constructor(options: UploadQueueOptions) {
    super();
    const { transport, connectivity = browserConnectivity, resumeRecords, keptFiles, ...settings } = options;
    this.#context = new UploadContext({
      transport,
      connectivity,
      gate: this.#gate,
      resumeRecords,
      keptFiles,
      onHold: () => this.#announceHold(),
    });
    this.#runner = new QueueRunner({
      items: this.#items,
      context: this.#context,
      settings: () => this.#settings,
      onRequest: (item, request) => this.#emit('upload-request', { item, request }),
    });
    this.#intake = new QueueIntake({
      items: this.#items,
      runner: this.#runner,
      settings: () => this.#settings,
      emit: (name, detail, cancelable) => this.#emit(name, detail, cancelable),
    });
    this.configure(settings);
  }

  /** All files in list order: a frozen array of frozen items; the same instance until the next change. */
  get items(): readonly UploadItem[] {
    return this.#items.list.snapshot;
  }

  /** Combined progress of all uploads. */
  get progress(): TotalProgress {
    return this.#items.list.progress;
  }

  /** The number of files in each state. */
  get counts(): Readonly<Record<UploadStatus, number>> {
    return this.#items.list.counts;
  }

  /** The number of files in the list. */
  get size(): number {
    return this.#items.list.size;
  }

  /**
   * Why no further files are started, and until when; `undefined` if the queue is not on hold.
   *
   * A hold begins when a server limits the rate, or when the token route refuses three uploads in a row for the same
   * reason. Files that have not started stay `queued`; waiting for a hold does not count as a retry.
   */
  get hold(): QueueHold | undefined {
    return this.#context.hold.current;
  }

  /** Ends the hold, if there is one. After a `refused` hold, token requests run one at a time until one succeeds. */
  release(): void {
    this.#context.hold.release();
  }

  /** Returns the item with that ID, if it is in the list. */
  get(id: string): UploadItem | undefined {
    return this.#items.list.get(id);
  }

  /**
   * Changes settings; omitted settings keep their values.
   *
   * @throws {TypeError} if a setting has an invalid value
   * @throws {UploadError} `bad-request` if an entry of `upHosts` is not an http(s) host
   */
  configure(settings: UploadQueueSettings): void {
    const { concurrency, upHosts } = settings;
    checkSettings(settings);
    this.#settings = { ...this.#settings, ...settings, ...(upHosts ? { upHosts: upHosts.map(toOrigin) } : {}) };
    if (concurrency !== undefined) {
      this.#gate.limit = concurrency;
      // A higher limit implies an HTTP/2 host; raise the page-wide limit too.
      pageGate.limit = Math.max(pageGate.limit, concurrency);
    }
    this.#context.configure(this.#settings);
    this.#runner.startNext();
  }

  /** Calls `listener` after changes, at most once per frame. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    return this.#items.changes.subscribe(listener);
  }

  /** Resolves once the subscribers have been called for every change so far. */
  get settled(): Promise<void> {
    return this.#items.changes.settled;
  }

  /**
   * Adds files. Fires a cancelable `file-add` for each accepted file, and `file-reject` for each rejected one.
   * A file replaces its earlier rejected, failed, cancelled or interrupted item.
   *
   * @returns the added items, including rejected ones
   * @throws {TypeError} if an entry is not a `File`
   */
  add(files: Iterable<File | FileEntry>): readonly UploadItem[] {
    const added = this.#intake.add(files);
    this.#runner.startNext();
    return added;
  }

  /**
   * Adds files that are already stored, e.g. those of the record being edited, as `done` and without an event.
   *
   * @returns their items
   */
  addStored(files: Iterable<StoredFile>): readonly UploadItem[] {
    return this.#intake.addStored(files);
  }

  /**
   * Shows exactly these stored files, before the uploads. Entries that were in an earlier list keep their items; only
   * differences are applied. Fires `file-remove` for items that are no longer in the list. Uploads that are not stored
   * are not affected, so the queue's own `items` can be passed too.
   *
   * Entries are matched by `key`, else by `url`, else by `name`.
   *
   * @returns the items of these files
   */
  setStored(files: Iterable<StoredFile | UploadItem>): readonly UploadItem[] {
    return this.#intake.setStored(files);
  }

  /** Starts all files that are `queued`; only needed with `manual`. */
  start(): void {
    for (const { id, status } of this.#items.list) if (status === 'queued') this.#runner.enqueue(id);
    this.#runner.startNext();
  }

  /**
   * Cancels one upload and deletes its parts from Kodo. Has no effect on an upload that has ended.
   *
   * @throws {TypeError} if the ID is not a non-empty string
   */
  cancel(id: string): void;
  /** @deprecated Use `cancelAll()`. */
  cancel(): void;
  cancel(...ids: [id?: string]): void {
    if (ids.length > 0) this.#one('cancel', ids[0], (item) => this.#cancel(item));
    else this.#deprecated('cancel', 'cancelAll');
  }

  /** Cancels all uploads that have not ended and deletes their parts from Kodo. */
  cancelAll(): void {
    this.#all((item) => this.#cancel(item));
  }

  /**
   * Pauses one upload that is queued or running; `resume()` continues with the stored parts.
   *
   * @throws {TypeError} if the ID is not a non-empty string
   */
  pause(id: string): void;
  /** @deprecated Use `pauseAll()`. */
  pause(): void;
  pause(...ids: [id?: string]): void {
    if (ids.length > 0) this.#one('pause', ids[0], (item) => this.#pause(item));
    else this.#deprecated('pause', 'pauseAll');
  }

  /** Pauses all uploads that are queued or running. */
  pauseAll(): void {
    this.#all((item) => this.#pause(item));
  }

  /**
   * Resumes one paused upload.
   *
   * @throws {TypeError} if the ID is not a non-empty string
   */
  resume(id: string): void;
  /** @deprecated Use `resumeAll()`. */
  resume(): void;
  resume(...ids: [id?: string]): void {
    if (ids.length > 0) this.#one('resume', ids[0], (item) => this.#resume(item));
    else this.#deprecated('resume', 'resumeAll');
  }

  /** Resumes all paused uploads. */
  resumeAll(): void {
    this.#all((item) => this.#resume(item));
  }

  /**
   * Restarts one failed or cancelled upload without sending parts that Kodo has, confirms an unconfirmed one again, or
   * retries a waiting one now.
   *
   * @throws {TypeError} if the ID is not a non-empty string
   */
  retry(id: string): void;
  /** @deprecated Use `retryAll()`. */
  retry(): void;
  retry(...ids: [id?: string]): void {
    if (ids.length === 0) this.#deprecated('retry', 'retryAll');
    else {
      this.#one('retry', ids[0], (item) => {
        if (item.status === 'cancelled') this.#restart(item);
        else if (item.status === 'unconfirmed') this.#confirm(item);
        else this.#retry(item);
      });
    }
  }

  /** Restarts all failed uploads, retries waiting ones now, and ends the hold. */
  retryAll(): void {
    this.#context.hold.release();
    this.#all((item) => this.#retry(item));
  }

  /**
   * Removes a file from the list. Cancels its upload first if it has not ended. Does not delete a stored object.
   *
   * @throws {TypeError} if the ID is not a non-empty string
   */
  removeFile(id: string): void {
    this.#one('removeFile', id, (item) => this.#remove(item));
  }

  /** @deprecated Use `removeFile()`. */
  remove(id: string): void {
    warnOnce('queue.remove(id) is deprecated. Use queue.removeFile(id).');
    this.#one('remove', id, (item) => this.#remove(item));
  }

  /** Removes all files from the list. Cancels uploads that have not ended first. */
  clear(): void {
    this.#all((item) => this.#remove(item));
  }

  /**
   * Aborts all requests and keeps all files with their stored parts; `unsuspend()` resumes them. For a queue whose
   * element or view is temporarily removed from the page.
   */
  suspend(): void {
    this.#runner.suspend();
  }

  /** Resumes after `suspend()`. */
  unsuspend(): void {
    this.#runner.unsuspend();
  }

  /**
   * Adds the unfinished uploads of an earlier visit: as `paused` if the file was kept, so that `resume()` continues,
   * else as `interrupted` until the same file is added again.
   *
   * @returns the added items
   * @throws only what a custom `keptFiles` rejects with; if the default storage fails, a warning is logged
   */
  async restore(): Promise<readonly UploadItem[]> {
    return this.#intake.addUnfinished(await this.#context.resume.unfinished());
  }

  #one(name: string, id: unknown, act: (item: UploadItem) => void): void {
    if (typeof id !== 'string' || id === '') {
      throw new TypeError(`${name}() needs the id of an item (item.id), not ${id === '' ? "''" : String(id)}.`);
    }
    const item = this.get(id);
    if (item !== undefined) act(item);
    this.#runner.startNext();
  }

  /** Looks up each item again before the call, because a listener may have changed it. */
  #all(act: (item: UploadItem) => void): void {
    for (const { id } of this.items) {
      const item = this.get(id);
      if (item !== undefined) act(item);
    }
    this.#runner.startNext();
  }

  #deprecated(name: string, allName: 'cancelAll' | 'pauseAll' | 'resumeAll' | 'retryAll'): void {
    warnOnce(`${name}() without an id is deprecated. Use ${allName}().`);
    this[allName]();
  }

  #cancel(item: UploadItem): void {
    if (!isOpen(item.status)) return;
    this.#runner.stop(item.id, 'The upload was cancelled.');
    this.#runner.abandon(item);
    this.#items.move(item.id, { status: 'cancelled' });
  }

  #pause(item: UploadItem): void {
    if (item.status !== 'queued' && !isRunning(item.status)) return;
    this.#runner.stop(item.id, 'The upload was paused.');
    this.#items.move(item.id, { status: 'paused', progress: 'progress' in item ? item.progress : NO_PROGRESS });
  }

  #resume(item: UploadItem): void {
    if (item.status !== 'paused') return;
    if (item.handle !== undefined && item.file.size !== item.size) void this.#reopen(item, item.handle);
    else this.#restart(item);
  }

  #retry(item: UploadItem): void {
    if (item.status === 'waiting') this.#runner.tryNow(item.id);
    if (item.status !== 'failed') return;
    const reason = this.#intake.reasonAgainst(item);
    if (reason === undefined) this.#restart(item);
    else this.#items.move(item.id, { status: 'rejected', reason });
  }

  #restart({ id }: UploadItem): void {
    this.#items.move(id, { status: 'queued' });
    this.#runner.enqueue(id);
  }

  #confirm({ id, size }: UploadItem): void {
    this.#runner.stop(id, 'The upload is being confirmed again.');
    this.#items.move(id, { status: 'confirming', progress: { ...NO_PROGRESS, sentBytes: size, percent: 99 } });
    this.#runner.enqueue(id);
  }

  #remove(item: UploadItem): void {
    const { id } = item;
    if (isOpen(item.status)) this.#cancel(item);
    else if (item.status === 'failed' || item.status === 'cancelled') this.#runner.abandon(item);
    this.#runner.forget(id);
    this.#items.remove(id);
  }

  /** Reads a file of an earlier visit from disk; the browser may ask for permission, which needs a user gesture. */
  async #reopen({ id, size, file: { lastModified } }: UploadItem, handle: FileSystemFileHandle): Promise<void> {
    const file = await readHandle(handle);
    const item = this.get(id);
    if (item?.status !== 'paused') return;
    if (file?.size !== size || file.lastModified !== lastModified) {
      this.#items.move(id, { status: 'interrupted', progress: item.progress });
      return;
    }
    this.#items.set(createItem({ ...item, file }, { status: 'paused', progress: item.progress }));
    this.resume(id);
  }

  #announceHold(): void {
    const { hold } = this;
    this.#items.changes.notify('soon');
    if (hold === undefined) {
      this.#emit('queue-release', {});
      this.#runner.startNext();
    } else this.#emit('queue-hold', { hold });
  }

  #emit<N extends UploadEventName>(name: N, detail: UploadEventDetails[N], cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable }));
  }
}

/** Whether an upload has not ended, so that it can be cancelled. */
function isOpen(status: UploadStatus): boolean {
  return status === 'queued' || status === 'paused' || status === 'interrupted' || isRunning(status);
}
