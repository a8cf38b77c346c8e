import { browserConnectivity, untilOnline, type Connectivity } from './connectivity.js';
import { examineFile, wantsExamination } from './examine-file.js';
import { onNextFrame } from './frame.js';
import { ItemList, type TotalProgress } from './item-list.js';
import { loadEngine } from './load-engine.js';
import { objectUrl, safeUrl } from './object-url.js';
import { DEFAULT_CONCURRENCY, pageGate, RequestGate } from './request-gate.js';
import { findRejectReason } from './rules.js';
import { storedBytes, type SentRequest } from './transport.js';
import { toOrigin } from './up-origin.js';
import type { UploadEngine, UploadEngineOptions } from './upload-engine.js';
import type { UploadError } from './upload-error.js';
import type { UploadEventDetails, UploadEventMap, UploadEventName } from './upload-events.js';
import {
  createItem,
  isRunning,
  transition,
  type UploadFile,
  type UploadItem,
  type UploadItemIn,
  type UploadState,
  type UploadStatus,
} from './upload-item.js';
import { NO_PROGRESS, percentOf } from './upload-progress.js';
import type { FileEntry, StoredFile, UploadQueueOptions, UploadQueueSettings } from './upload-queue-settings.js';

export interface UploadQueue {
  addEventListener<N extends UploadEventName>(
    type: N,
    listener: ((event: UploadEventMap[N]) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<N extends UploadEventName>(
    type: N,
    listener: ((event: UploadEventMap[N]) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** Milliseconds of a frame. */
const FRAME = 16;

/** Files that are made ready while all places for requests are taken, so that none of these stands empty between two. */
const AHEAD = 2;

let lastId = 0;

/**
 * A list of files and their uploads, without any user interface.
 *
 * @example
 * const queue = createUploadQueue({ tokenProvider: tokenEndpoint({ url: '/api/uploads/token' }) });
 * queue.addEventListener('upload-success', (event) => console.log(event.detail.response));
 * queue.add(input.files);
 */
export class UploadQueue extends EventTarget {
  readonly #connectivity: Connectivity;
  readonly #gate = new RequestGate(DEFAULT_CONCURRENCY, pageGate);
  readonly #items = new ItemList();
  /** Ids of files that may go, in the order in which they do. */
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, AbortController>();
  /** Ids of files that were looked at and let through. */
  readonly #examined = new Set<string>();
  /** Ids of files whose `upload-start` was sent. */
  readonly #started = new Set<string>();
  readonly #listeners = new Set<() => void>();
  /** Ids of files that ended since nothing was at work. */
  readonly #ended = new Set<string>();
  /** What the engine is made of when the first upload needs it. */
  readonly #engineOptions: Omit<UploadEngineOptions, 'transport'> & Pick<UploadQueueOptions, 'transport'>;
  #opening: Promise<UploadEngine> | undefined;
  #engine: UploadEngine | undefined;
  #settings: UploadQueueSettings = {};
  #notifying: 'no' | 'with-frame' | 'soon' = 'no';
  /** When listeners were last called, as `performance.now()` tells time. */
  #notifiedAt = -Infinity;

  /** @throws {TypeError} when an option is not of its kind */
  constructor(options: UploadQueueOptions) {
    super();
    const { transport, connectivity = browserConnectivity, resumeRecords, keptFiles, ...settings } = options;
    const gate = this.#gate;
    this.#connectivity = connectivity;
    this.#engineOptions = { transport, connectivity, gate, resumeRecords, keptFiles, settings: () => this.#settings };
    this.configure(settings);
  }

  /** All files in the order in which they were added: a frozen array of frozen items, the same one until a change. */
  get items(): readonly UploadItem[] {
    return this.#items.snapshot;
  }

  /** How far all uploads are together. */
  get progress(): TotalProgress {
    return this.#items.progress;
  }

  /** How many files are in each state. */
  get counts(): Readonly<Record<UploadStatus, number>> {
    return this.#items.counts;
  }

  /** How many files are in the list. */
  get size(): number {
    return this.#items.size;
  }

  /** The item of that id, or nothing. */
  get(id: string): UploadItem | undefined {
    return this.#items.get(id);
  }

  /**
   * Changes settings; what is not named stays.
   *
   * @throws {TypeError} when a setting is not of its kind
   */
  configure(settings: UploadQueueSettings): void {
    const { concurrency, tokenProvider, upHosts } = settings;
    checkNumber('concurrency', concurrency, 1);
    checkNumber('retries', settings.retries, 0);
    checkNumber('stallTimeout', settings.stallTimeout, 1);
    checkFunction('tokenProvider', tokenProvider);
    checkFunction('confirmProvider', settings.confirmProvider);
    checkFunction('validator', settings.validator);
    checkFunction('beforeUpload', settings.beforeUpload);
    this.#settings = { ...this.#settings, ...settings, ...(upHosts ? { upHosts: upHosts.map(toOrigin) } : {}) };
    if (concurrency !== undefined) {
      this.#gate.limit = concurrency;
      // Who asks for more knows of a host that takes more, e.g. over HTTP/2.
      pageGate.limit = Math.max(pageGate.limit, concurrency);
    }
    this.#pump();
  }

  /** Calls back after changes, at most once a frame. Returns what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the listeners have been called for every change so far. */
  get settled(): Promise<void> {
    if (this.#notifying === 'no') return Promise.resolve();
    return new Promise((resolve) => {
      const unsubscribe = this.subscribe(() => {
        unsubscribe();
        resolve();
      });
    });
  }

  /**
   * Takes files. Each is offered by a cancelable `file-add`, or rejected by the rules with `file-reject`.
   *
   * @returns the items that are now in the list, the rejected ones among them
   * @throws {TypeError} when something in the list is not a `File`
   */
  add(files: Iterable<File | FileEntry>): readonly UploadItem[] {
    const added: UploadItem[] = [];
    const listed = this.items.filter(({ status }) => status !== 'rejected' && status !== 'cancelled');
    let count = listed.length;
    let bytes = listed.reduce((sum, { size }) => sum + size, 0);
    const entries = [...files].map(
      (given) => [toUploadFile(given), 'file' in given ? given.rejected : undefined] as const,
    );
    for (const [entry, rejected] of entries) {
      const reason =
        rejected ??
        (this.#isDuplicate(entry)
          ? ({ code: 'duplicate' } as const)
          : findRejectReason(entry, this.#settings.rules ?? {}, { count, bytes }));
      if (reason !== undefined) {
        const item = createItem(entry, { status: 'rejected', reason }) as UploadItemIn<'rejected'>;
        this.#set(item);
        added.push(item);
        this.#emit('file-reject', { item, reason });
        continue;
      }
      const item = createItem(entry, { status: 'queued' }) as UploadItemIn<'queued'>;
      if (!this.#emit('file-add', { item }, true)) continue;
      this.#forgetInterrupted(entry);
      this.#set(item);
      added.push(item);
      count += 1;
      bytes += entry.size;
      if (!this.#settings.manual) this.#ready.add(item.id);
    }
    this.#pump();
    return added;
  }

  /**
   * Shows files that are stored already, e.g. those of the record that is edited; they are `done`, with no event.
   *
   * @returns their items
   */
  addStored(files: Iterable<StoredFile>): readonly UploadItem[] {
    return [...files].map(({ name, key, url, size = 0, type = '', hash, response }) => {
      const entry: UploadFile = { ...toUploadFile(new File([], name, { type })), size };
      const address = safeUrl(url) ?? objectUrl(this.#settings.domain, key);
      const item = createItem(entry, {
        status: 'done',
        result: { response, key, hash, source: 'stored', url: address },
      });
      this.#set(item);
      return item;
    });
  }

  /** Lets all waiting files go; only needed with `manual`. */
  start(): void {
    for (const { id, status } of this.#items) if (status === 'queued') this.#ready.add(id);
    this.#pump();
  }

  /** Stops one upload, or all that are not over, and deletes what Kodo has of them. Ended ones stay as they are. */
  cancel(id?: string): void {
    for (const item of this.#chosen(id)) {
      if (!isOpen(item.status)) continue;
      this.#stop(item.id, 'The upload was cancelled.');
      this.#engine?.abandon(item);
      this.#move(item.id, { status: 'cancelled' });
    }
    this.#pump();
  }

  /** Stops one upload, or all that are queued or running, and keeps what is stored: `resume()` goes on from there. */
  pause(id?: string): void {
    for (const item of this.#chosen(id)) {
      if (item.status !== 'queued' && !isRunning(item.status)) continue;
      this.#stop(item.id, 'The upload was paused.');
      this.#move(item.id, { status: 'paused', progress: 'progress' in item ? item.progress : NO_PROGRESS });
    }
    this.#pump();
  }

  /** Lets one paused upload go on, or all of them. */
  resume(id?: string): void {
    for (const item of this.#chosen(id)) {
      if (item.status !== 'paused') continue;
      if (item.handle !== undefined && item.file.size !== item.size) {
        void this.#reopen(item, item.handle);
        continue;
      }
      this.#move(item.id, { status: 'queued' });
      this.#ready.add(item.id);
    }
    this.#pump();
  }

  /** Tries one failed or cancelled upload again, or all failed ones; what Kodo has of a failed one is not sent again. */
  retry(id?: string): void {
    for (const item of this.#chosen(id)) {
      if (item.status !== 'failed' && !(item.status === 'cancelled' && id !== undefined)) continue;
      this.#move(item.id, { status: 'queued' });
      this.#ready.add(item.id);
    }
    this.#pump();
  }

  /** Takes a file out of the list; a waiting or running upload is cancelled first. */
  remove(id: string): void {
    this.cancel(id);
    const item = this.#items.get(id);
    if (item === undefined) return;
    this.#stop(id, 'The file was removed.');
    if (item.status !== 'done') this.#engine?.abandon(item);
    this.#items.delete(id);
    this.#ended.delete(id);
    this.#started.delete(id);
    this.#examined.delete(id);
    this.#changed('soon');
    this.#emit('file-remove', { item });
  }

  /** Empties the list; waiting and running uploads are cancelled first. */
  clear(): void {
    for (const { id } of this.items) this.remove(id);
  }

  /**
   * Shows what an earlier visit left unfinished: as `paused` where the file was kept, so that `resume()` goes on, else
   * as `interrupted` until the same file is added again.
   *
   * @returns the items that were added
   */
  async restore(): Promise<readonly UploadItem[]> {
    const engine = await this.#openEngine();
    const unfinished = await engine.unfinished();
    return unfinished.flatMap(({ record, kept }) => {
      const { name, type, lastModified, path = '', size } = record;
      const file = kept instanceof File ? kept : new File([], name, { type, lastModified });
      const handle = kept instanceof File ? undefined : kept;
      const entry: UploadFile = { ...toUploadFile({ file, path, handle }), size };
      if (this.#isListed(entry)) return [];
      const bytes = storedBytes(record.stored);
      const progress = { ...NO_PROGRESS, sentBytes: bytes, storedBytes: bytes, percent: percentOf(bytes, size) };
      const item = createItem(entry, { status: kept === undefined ? 'interrupted' : 'paused', progress });
      this.#set(item);
      return [item];
    });
  }

  /** Reads a file of an earlier visit from where it is; the browser may ask the visitor, and so may want a click. */
  async #reopen(
    { id, size, file: { lastModified } }: UploadItemIn<'paused'>,
    handle: FileSystemFileHandle,
  ): Promise<void> {
    const file = await this.#engine?.reopen(handle);
    const item = this.#items.get(id);
    if (item?.status !== 'paused') return;
    if (file?.size !== size || file.lastModified !== lastModified) {
      this.#move(id, { status: 'interrupted', progress: item.progress });
      return;
    }
    this.#set(createItem({ ...item, file }, { status: 'paused', progress: item.progress }));
    this.resume(id);
  }

  /** The item of that id, or all; each as it is when its turn comes, because a listener may have changed it. */
  *#chosen(id: string | undefined): Generator<UploadItem> {
    for (const chosen of id === undefined ? [...this.#items].map((item) => item.id) : [id]) {
      const item = this.#items.get(chosen);
      if (item !== undefined) yield item;
    }
  }

  /** Starts as many files as there are places for requests, and a few more; but one by one where that was asked for. */
  #pump(): void {
    const { limit } = this.#gate;
    const atOnce = limit === 1 ? 1 : limit + AHEAD;
    for (const id of this.#ready) {
      if (this.#running.size >= atOnce) return;
      // A cancelled upload that is still winding down keeps its place; its file goes again after it.
      if (this.#running.has(id)) continue;
      this.#ready.delete(id);
      const item = this.#items.get(id);
      if (item !== undefined) void this.#run(item);
    }
    if (this.#running.size === 0 && this.#ready.size === 0 && this.#ended.size > 0) this.#complete();
  }

  async #run(item: UploadItem): Promise<void> {
    const { id } = item;
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(id, controller);
    const report = (state: UploadState): void => {
      if (!signal.aborted) this.#move(id, state);
    };
    const onRequest = (request: SentRequest): void => {
      const item = this.#items.get(id);
      if (!signal.aborted && item !== undefined) this.#emit('upload-request', { item, request });
    };
    try {
      const file = await this.#examine(item, signal);
      if (file === undefined) return;
      if (this.#engine === undefined) await this.#loadEngine(report, signal);
      await this.#engine?.run({ file, signal, report, onRequest });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#running.delete(id); // the one place where a file's place is given back
      this.#pump();
    }
  }

  /**
   * Lets a file be looked at, once.
   *
   * @returns the item to upload; nothing where it was refused
   */
  async #examine(item: UploadItem, signal: AbortSignal): Promise<UploadItem | undefined> {
    const { id, file } = item;
    if (this.#examined.has(id) || !wantsExamination(file, this.#settings)) return item;
    const verdict = await examineFile(file, this.#settings, signal);
    if ('reject' in verdict) {
      this.#move(id, { status: 'rejected', reason: verdict.reject });
      return undefined;
    }
    this.#examined.add(id);
    const { upload } = verdict;
    if (upload === file) return item;
    const { name, size, type } = upload;
    const replaced = createItem({ ...item, file: upload, name, size, type, handle: undefined }, { status: 'queued' });
    this.#set(replaced);
    return replaced;
  }

  /** An upload that needs the engine first shows what it waits for, and fails where it cannot be had. */
  async #loadEngine(report: (state: UploadState) => void, signal: AbortSignal): Promise<void> {
    try {
      if (!this.#connectivity.online) {
        report({ status: 'waiting', reason: { code: 'offline' }, progress: NO_PROGRESS });
        await untilOnline(this.#connectivity, signal);
      }
      await this.#openEngine();
      signal.throwIfAborted();
    } catch (cause) {
      signal.throwIfAborted();
      report({ status: 'preparing', progress: NO_PROGRESS });
      report({ status: 'failed', error: cause as UploadError });
    }
  }

  /** @throws {UploadError} `engine-unavailable`; the next call tries again */
  #openEngine(): Promise<UploadEngine> {
    this.#opening ??= this.#createEngine().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #createEngine(): Promise<UploadEngine> {
    const { UploadEngine } = await loadEngine();
    const { transport, ...rest } = this.#engineOptions;
    this.#engine = new UploadEngine({
      ...rest,
      transport: typeof transport === 'function' ? await transport() : transport,
    });
    return this.#engine;
  }

  /** Ends whatever is at work for a file; nothing of it is heard after. */
  #stop(id: string, reason: string): void {
    this.#ready.delete(id);
    this.#running.get(id)?.abort(new DOMException(reason, 'AbortError'));
  }

  /** The file that was missing has been chosen again: its own row goes, and what is remembered is taken up. */
  #forgetInterrupted(file: UploadFile): void {
    for (const item of this.#items.sameAs(file)) {
      if (item.status === 'interrupted') {
        this.#items.delete(item.id);
        this.#emit('file-remove', { item });
      }
    }
  }

  /** The one place where an item changes: first the state, then the event. */
  #move(id: string, state: UploadState): void {
    const before = this.#items.get(id);
    if (before === undefined) return;
    const item = transition(before, state);
    this.#set(item);
    switch (item.status) {
      case 'queued':
        this.#ended.delete(id);
        if (before.status === 'paused') this.#emit('upload-resume', { item });
        else this.#started.delete(id);
        break;
      case 'uploading': {
        if (!this.#started.has(id)) {
          this.#started.add(id);
          this.#emit('upload-start', { item });
        } else if (before.status === 'uploading') this.#emit('upload-progress', { item, ...item.progress });
        break;
      }
      case 'waiting':
        this.#emit('upload-wait', { item, reason: item.reason });
        break;
      case 'paused':
        this.#emit('upload-pause', { item });
        break;
      case 'done': {
        const { response, key, hash, source } = item.result;
        this.#ended.add(id);
        // What was lowered because Kodo had too many requests comes back bit by bit.
        this.#gate.limit = Math.min(this.#settings.concurrency ?? DEFAULT_CONCURRENCY, this.#gate.limit + 1);
        this.#emit('upload-success', { item, response, key, hash, source });
        break;
      }
      case 'unconfirmed':
        this.#ended.add(id);
        this.#emit('upload-unconfirmed', { item, key: item.key, hash: item.hash, error: item.error });
        break;
      case 'failed':
        this.#ended.add(id);
        this.#emit('upload-error', { item, error: item.error });
        break;
      case 'cancelled':
        this.#ended.add(id);
        this.#emit('upload-cancel', { item });
        break;
      case 'rejected':
        this.#emit('file-reject', { item, reason: item.reason });
        break;
      case 'interrupted':
      case 'preparing':
      case 'confirming':
        break;
    }
  }

  /** Whether the very file is in the list already, and must not be there twice. */
  #isDuplicate(file: UploadFile): boolean {
    if (this.#settings.duplicates === 'allow') return false;
    return this.#isListed(
      file,
      (status) => status !== 'rejected' && status !== 'cancelled' && status !== 'interrupted',
    );
  }

  #isListed(file: UploadFile, counts: (status: UploadStatus) => boolean = () => true): boolean {
    return this.#items.sameAs(file).some(({ status }) => counts(status));
  }

  #complete(): void {
    const items = [...this.#ended].flatMap((id) => this.#items.get(id) ?? []);
    this.#ended.clear();
    this.#emit('uploads-complete', { items });
  }

  #set(item: UploadItem): void {
    const known = this.#items.get(item.id);
    this.#items.set(item);
    this.#changed(known?.status === 'uploading' && item.status === 'uploading' ? 'with-frame' : 'soon');
  }

  /** Tells the listeners: at once what stands alone, what comes in a flood at most once a frame. */
  #changed(when: 'with-frame' | 'soon'): void {
    const pace = performance.now() - this.#notifiedAt < FRAME ? 'with-frame' : when;
    if (this.#notifying === 'soon' || this.#notifying === pace) return;
    this.#notifying = pace;
    const notify = (): void => {
      if (this.#notifying !== pace) return;
      this.#notifying = 'no';
      this.#notifiedAt = performance.now();
      for (const listener of this.#listeners) listener();
    };
    if (pace === 'soon') queueMicrotask(notify);
    else onNextFrame(notify);
  }

  #emit<N extends UploadEventName>(name: N, detail: UploadEventDetails[N], cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable }));
  }
}

/** Whether an upload is neither over nor refused, so that it can be cancelled. */
function isOpen(status: UploadStatus): boolean {
  return status === 'queued' || status === 'paused' || status === 'interrupted' || isRunning(status);
}

function checkNumber(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new TypeError(`${name} must be a whole number of at least ${least}, not ${String(value)}.`);
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`${name} must be a function, not ${typeof value}.`);
}

function toUploadFile(entry: File | FileEntry): UploadFile {
  const { file, path, handle }: FileEntry =
    entry instanceof File ? { file: entry, path: entry.webkitRelativePath } : entry;
  if (!(file instanceof File)) throw new TypeError(`Only files can be added, not ${typeof file}.`);
  lastId += 1;
  const { name, size, type } = file;
  return { id: `upload-${lastId}`, file, name, size, type, path: path === '' ? undefined : path, handle };
}
