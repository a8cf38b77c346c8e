import { browserConnectivity } from '../net/connectivity.js';
import type { TotalProgress } from './item-list.js';
import { readHandle } from '../resume/kept-files.js';
import type { QueueHold } from '../net/hold-control.js';
import { QueueIntake } from './queue-intake.js';
import { QueueItems } from './queue-items.js';
import {
  checkSettings,
  type FileEntry,
  type StoredFile,
  type UploadQueueOptions,
  type UploadQueueSettings,
} from './queue-options.js';
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
 * A list of files and their uploads, without a user interface.
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

  /** @throws {TypeError} when an option is not of its kind */
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

  /** All files in the order in which they were added: a frozen array of frozen items, the same one until a change. */
  get items(): readonly UploadItem[] {
    return this.#items.list.snapshot;
  }

  /** The progress of all uploads together. */
  get progress(): TotalProgress {
    return this.#items.list.progress;
  }

  /** How many files are in each state. */
  get counts(): Readonly<Record<UploadStatus, number>> {
    return this.#items.list.counts;
  }

  /** How many files are in the list. */
  get size(): number {
    return this.#items.list.size;
  }

  /**
   * Why no further file is started, and until when; `undefined` while files are started as usual.
   *
   * A hold begins when a server limits the rate, or when the token route refuses three uploads in a row for the same
   * reason. Files that have not started stay `queued`; waiting for a hold uses up no retry.
   */
  get hold(): QueueHold | undefined {
    return this.#context.hold.current;
  }

  /** Ends the hold, if there is one: the next file makes a try, and the others follow when it is accepted. */
  release(): void {
    this.#context.hold.release();
  }

  /** The item with that id, if it is in the list. */
  get(id: string): UploadItem | undefined {
    return this.#items.list.get(id);
  }

  /**
   * Changes settings; those that are not named stay.
   *
   * @throws {TypeError} when a setting is not of its kind
   */
  configure(settings: UploadQueueSettings): void {
    const { concurrency, upHosts } = settings;
    checkSettings(settings);
    this.#settings = { ...this.#settings, ...settings, ...(upHosts ? { upHosts: upHosts.map(toOrigin) } : {}) };
    if (concurrency !== undefined) {
      this.#gate.limit = concurrency;
      // A higher limit implies a host that takes more, e.g. over HTTP/2.
      pageGate.limit = Math.max(pageGate.limit, concurrency);
    }
    this.#context.configure(this.#settings);
    this.#runner.startNext();
  }

  /** Calls back after changes, at most once a frame. Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void {
    return this.#items.changes.subscribe(listener);
  }

  /** Resolves when the subscribers have been called for every change so far. */
  get settled(): Promise<void> {
    return this.#items.changes.settled;
  }

  /**
   * Adds files. Each is announced by a cancelable `file-add`, or rejected by the rules with `file-reject`. A file that
   * is in the list as rejected, failed, cancelled or interrupted leaves its earlier row.
   *
   * @returns the items that are now in the list, the rejected ones among them
   * @throws {TypeError} when something in the list is not a `File`
   */
  add(files: Iterable<File | FileEntry>): readonly UploadItem[] {
    const added = this.#intake.add(files);
    this.#runner.startNext();
    return added;
  }

  /**
   * Adds files that are stored already, e.g. those of the record being edited; they are `done`, without an event.
   *
   * @returns their items
   */
  addStored(files: Iterable<StoredFile>): readonly UploadItem[] {
    return this.#intake.addStored(files);
  }

  /**
   * Shows exactly these stored files, before the uploads: entries of an earlier call that are still there keep their
   * items, and only what differs changes. `file-remove` is fired for those that are no longer there. Uploads that are
   * not stored are left alone, so the queue's own `items` may be set too.
   *
   * Entries are matched by `key`, else by `url`, else by `name`.
   *
   * @returns the items of the list
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
   * Stops one upload and deletes what Kodo has of it. One that has ended stays as it is.
   *
   * @throws {TypeError} when the id is not a text
   */
  cancel(id: string): void;
  /** @deprecated Use `cancelAll()`. */
  cancel(): void;
  cancel(...ids: [id?: string]): void {
    if (ids.length > 0) this.#one('cancel', ids[0], (item) => this.#cancel(item));
    else this.#deprecated('cancel', 'cancelAll');
  }

  /** Stops all uploads that have not ended, and deletes what Kodo has of them. */
  cancelAll(): void {
    this.#all((item) => this.#cancel(item));
  }

  /**
   * Stops one upload that is queued or running, and keeps what is stored: `resume()` continues from there.
   *
   * @throws {TypeError} when the id is not a text
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
   * Continues one paused upload.
   *
   * @throws {TypeError} when the id is not a text
   */
  resume(id: string): void;
  /** @deprecated Use `resumeAll()`. */
  resume(): void;
  resume(...ids: [id?: string]): void {
    if (ids.length > 0) this.#one('resume', ids[0], (item) => this.#resume(item));
    else this.#deprecated('resume', 'resumeAll');
  }

  /** Continues all paused uploads. */
  resumeAll(): void {
    this.#all((item) => this.#resume(item));
  }

  /**
   * Starts one failed or cancelled upload again, without sending what Kodo has of it; asks again about an unconfirmed
   * one; lets one that waits try now.
   *
   * @throws {TypeError} when the id is not a text
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

  /** Starts all failed uploads again, and lets those that wait try now. */
  retryAll(): void {
    this.#context.hold.release();
    this.#all((item) => this.#retry(item));
  }

  /**
   * Takes a file out of the list. A queued or running upload is cancelled first. A stored object is not deleted.
   *
   * @throws {TypeError} when the id is not a text
   */
  removeFile(id: string): void {
    this.#one('removeFile', id, (item) => this.#remove(item));
  }

  /** @deprecated Use `removeFile()`. */
  remove(id: string): void {
    warnOnce('queue.remove(id) is deprecated. Use queue.removeFile(id).');
    this.#one('remove', id, (item) => this.#remove(item));
  }

  /** Empties the list; queued and running uploads are cancelled first. */
  clear(): void {
    this.#all((item) => this.#remove(item));
  }

  /**
   * Stops all requests at once, and keeps all files with what is stored of them: `unsuspend()` continues. For a queue
   * whose element or view is out of the page for the time being.
   */
  suspend(): void {
    this.#runner.suspend();
  }

  /** Continues after `suspend()`. */
  unsuspend(): void {
    this.#runner.unsuspend();
  }

  /**
   * Shows what an earlier visit left unfinished: as `paused` where the file was kept, so that `resume()` continues, else
   * as `interrupted` until the same file is added again.
   *
   * @returns the items that were added
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

  /** Each item as it is when its turn comes, because a listener may have changed it. */
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
    this.#runner.stop(id, 'The upload is asked about again.');
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

  /** Reads a file of an earlier visit from disk; the browser may ask the visitor, which takes a click. */
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

/** Whether an upload is neither over nor refused, so that it can be cancelled. */
function isOpen(status: UploadStatus): boolean {
  return status === 'queued' || status === 'paused' || status === 'interrupted' || isRunning(status);
}
