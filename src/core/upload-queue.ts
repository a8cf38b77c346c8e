import { onNextFrame } from './frame.js';
import { RequestGate } from './request-gate.js';
import { findRejectReason, type UploadRules } from './rules.js';
import type { UploadTransport } from './transport.js';
import { runUpload } from './upload-attempts.js';
import type { UploadEventDetails, UploadEventMap, UploadEventName } from './upload-events.js';
import {
  createItem,
  isRunning,
  transition,
  type UploadFile,
  type UploadItem,
  type UploadItemIn,
  type UploadState,
} from './upload-item.js';
import { toOrigin, type TokenProvider } from './upload-token.js';

/** What can be changed while the queue lives; it counts from the next file on. */
export interface UploadQueueSettings {
  /** Where upload tokens come from; without one every upload fails with `token-source-missing`. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** What a file must be to be taken. Default: anything. */
  readonly rules?: UploadRules | undefined;
  /** Requests at once, shared by files and parts of files. Default 6: what browsers allow an HTTP/1.1 host. */
  readonly concurrency?: number | undefined;
  /** Whether files wait for `start()`. Default: they go at once. */
  readonly manual?: boolean | undefined;
  /** Up hosts to use where the token route names none, as origins; a bare host means https. */
  readonly upHosts?: readonly string[] | undefined;
  /** Region of the bucket (`z0`, `z1`, …), used where neither the token route nor `upHosts` names a host. */
  readonly region?: string | undefined;
  /** Origin, with or without a path, that serves the bucket, where the token route names none. */
  readonly domain?: string | undefined;
}

export interface UploadQueueOptions extends UploadQueueSettings {
  /** What brings the bytes to Kodo. */
  readonly transport: UploadTransport;
}

/** A file out of a folder, with its path. */
export interface FileInFolder {
  readonly file: File;
  /** Path relative to the chosen folder, with `/` between its parts. */
  readonly path: string;
}

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
  readonly #transport: UploadTransport;
  readonly #gate = new RequestGate();
  readonly #items = new Map<string, UploadItem>();
  /** Ids of files that may go, in the order in which they do. */
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, AbortController>();
  readonly #listeners = new Set<() => void>();
  /** Ids of files that ended since nothing was at work. */
  readonly #ended = new Set<string>();
  #settings: UploadQueueSettings = {};
  #snapshot: readonly UploadItem[] | undefined;
  #notifying: 'no' | 'with-frame' | 'soon' = 'no';

  /** @throws {TypeError} when an option is not of its kind */
  constructor({ transport, ...settings }: UploadQueueOptions) {
    super();
    this.#transport = transport;
    this.configure(settings);
  }

  /** All files in the order in which they were added: a frozen array of frozen items, the same one until a change. */
  get items(): readonly UploadItem[] {
    this.#snapshot ??= Object.freeze([...this.#items.values()]);
    return this.#snapshot;
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
    if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
      throw new TypeError(`concurrency must be a whole number of at least 1, not ${String(concurrency)}.`);
    }
    if (tokenProvider !== undefined && typeof tokenProvider !== 'function') {
      throw new TypeError(`tokenProvider must be a function, not ${typeof tokenProvider}.`);
    }
    this.#settings = { ...this.#settings, ...settings, ...(upHosts ? { upHosts: upHosts.map(toOrigin) } : {}) };
    if (concurrency !== undefined) this.#gate.limit = concurrency;
    this.#pump();
  }

  /** Calls back after changes, at most once a frame for progress. Returns what ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Takes files. Each is offered by a cancelable `file-add`, or rejected by the rules with `file-reject`.
   *
   * @returns the items that are now in the list, the rejected ones among them
   * @throws {TypeError} when something in the list is not a `File`
   */
  add(files: Iterable<File | FileInFolder>): readonly UploadItem[] {
    const added: UploadItem[] = [];
    let count = this.items.filter(({ status }) => status !== 'rejected' && status !== 'cancelled').length;
    for (const entry of [...files].map(toUploadFile)) {
      const reason = findRejectReason(entry, this.#settings.rules ?? {}, count);
      if (reason !== undefined) {
        const item = createItem(entry, { status: 'rejected', reason }) as UploadItemIn<'rejected'>;
        this.#set(item);
        added.push(item);
        this.#emit('file-reject', { item, reason });
        continue;
      }
      const item = createItem(entry, { status: 'queued' }) as UploadItemIn<'queued'>;
      if (!this.#emit('file-add', { item }, true)) continue;
      this.#set(item);
      added.push(item);
      count += 1;
      if (!this.#settings.manual) this.#ready.add(item.id);
    }
    this.#pump();
    return added;
  }

  /** Lets all waiting files go; only needed with `manual`. */
  start(): void {
    for (const { id, status } of this.#items.values()) if (status === 'queued') this.#ready.add(id);
    this.#pump();
  }

  /** Stops one upload, or all that are waiting or running. Ended ones stay as they are. */
  cancel(id?: string): void {
    for (const item of this.#chosen(id)) {
      if (item.status !== 'queued' && !isRunning(item.status)) continue;
      this.#ready.delete(item.id);
      this.#running.get(item.id)?.abort(new DOMException('The upload was cancelled.', 'AbortError'));
      this.#move(item.id, { status: 'cancelled' });
    }
    this.#pump();
  }

  /** Tries one failed or cancelled upload again, or all failed ones. */
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
    this.#items.delete(id);
    this.#ended.delete(id);
    this.#changed('soon');
    this.#emit('file-remove', { item });
  }

  /** Empties the list; waiting and running uploads are cancelled first. */
  clear(): void {
    for (const { id } of this.items) this.remove(id);
  }

  /** The item of that id, or all; each as it is when its turn comes, because a listener may have changed it. */
  *#chosen(id: string | undefined): Generator<UploadItem> {
    for (const chosen of id === undefined ? [...this.#items.keys()] : [id]) {
      const item = this.#items.get(chosen);
      if (item !== undefined) yield item;
    }
  }

  /** Starts as many files as there are places for requests. */
  #pump(): void {
    for (const id of this.#ready) {
      if (this.#running.size >= this.#gate.limit) return;
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
    const { tokenProvider, upHosts: hosts = [], region, domain } = this.#settings;
    try {
      const surroundings = { tokenProvider, transport: this.#transport, gate: this.#gate, hosts, region, domain };
      report(await runUpload(item, surroundings, signal, report));
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#running.delete(id); // the one place where a file's place is given back
      this.#pump();
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
        break;
      case 'uploading': {
        if (before.status !== 'uploading') this.#emit('upload-start', { item });
        else this.#emit('upload-progress', { item, ...item.progress });
        break;
      }
      case 'done': {
        const { response, key, hash, source } = item.result;
        this.#ended.add(id);
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
      case 'preparing':
      case 'confirming':
        break;
    }
  }

  #complete(): void {
    const items = [...this.#ended].flatMap((id) => this.#items.get(id) ?? []);
    this.#ended.clear();
    this.#emit('uploads-complete', { items });
  }

  #set(item: UploadItem): void {
    const known = this.#items.get(item.id);
    this.#items.set(item.id, item);
    this.#changed(known?.status === 'uploading' && item.status === 'uploading' ? 'with-frame' : 'soon');
  }

  #changed(when: 'with-frame' | 'soon'): void {
    this.#snapshot = undefined;
    if (this.#notifying === 'soon' || this.#notifying === when) return;
    this.#notifying = when;
    const notify = (): void => {
      if (this.#notifying !== when) return;
      this.#notifying = 'no';
      for (const listener of this.#listeners) listener();
    };
    if (when === 'soon') queueMicrotask(notify);
    else onNextFrame(notify);
  }

  #emit<N extends UploadEventName>(name: N, detail: UploadEventDetails[N], cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable }));
  }
}

function toUploadFile(entry: File | FileInFolder): UploadFile {
  const { file, path } = entry instanceof File ? { file: entry, path: entry.webkitRelativePath } : entry;
  if (!(file instanceof File)) throw new TypeError(`Only files can be added, not ${typeof file}.`);
  lastId += 1;
  const { name, size, type } = file;
  return { id: `upload-${lastId}`, file, name, size, type, path: path === '' ? undefined : path };
}
