import { ChangeNotifier } from './change-notifier.js';
import { ItemList } from './item-list.js';
import type { UploadEventDetails, UploadEventName } from '../items/upload-events.js';
import { transition, type UploadItem, type UploadState } from '../items/upload-item.js';

/** Dispatches an event. @returns `false` if it was cancelled */
export type Emit = <N extends UploadEventName>(name: N, detail: UploadEventDetails[N], cancelable?: boolean) => boolean;

/** The items of a queue. Makes every change: updates the state first, then dispatches the event. */
export class QueueItems {
  readonly list = new ItemList();
  readonly changes = new ChangeNotifier();
  readonly #emit: Emit;
  /** IDs of files whose `upload-start` was dispatched. */
  readonly #started = new Set<string>();
  /** IDs of files whose uploads have ended since the queue was last idle. */
  readonly #ended = new Set<string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Adds an item, or replaces the item with the same ID, without an event. */
  set(item: UploadItem): void {
    const before = this.list.get(item.id);
    this.list.set(item);
    this.changes.notify(before?.status === 'uploading' && item.status === 'uploading' ? 'with-frame' : 'soon');
  }

  /**
   * Moves an item to its next state and dispatches the event for it.
   *
   * @throws {Error} if the transition table does not allow the change
   */
  move(id: string, state: UploadState): void {
    const before = this.list.get(id);
    if (before === undefined) return;
    const item = transition(before, state);
    this.set(item);
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

  /** Sorts the items in this order; items that it does not list come first. */
  arrange(ids: readonly string[]): void {
    this.list.arrange(ids);
    this.changes.notify('soon');
  }

  /** Removes an item from the list. */
  remove(id: string): void {
    const item = this.list.get(id);
    if (item === undefined) return;
    this.list.delete(id);
    this.#ended.delete(id);
    this.#started.delete(id);
    this.changes.notify('soon');
    this.#emit('file-remove', { item });
  }

  /** Reports the uploads that ended since the last call; call it when no upload is queued or running. */
  complete(): void {
    if (this.#ended.size === 0) return;
    const items = [...this.#ended].flatMap((id) => this.list.get(id) ?? []);
    this.#ended.clear();
    this.#emit('uploads-complete', { items });
  }
}
