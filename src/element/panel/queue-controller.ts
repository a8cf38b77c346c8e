import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { UPLOAD_EVENT_NAMES } from '../../core/items/upload-events.js';
import type { UploadQueue } from '../../core/queue/upload-queue.js';

/**
 * Binds an element to its queue: renders changes, redispatches events, and suspends requests while the element is
 * disconnected.
 */
export class QueueController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #own: UploadQueue;
  #queue: UploadQueue;
  #binding: AbortController | undefined;

  /** @param own the element's own queue, the only one that is suspended with the element */
  constructor(host: ReactiveControllerHost & HTMLElement, own: UploadQueue) {
    this.#host = host;
    this.#own = own;
    this.#queue = own;
    host.addController(this);
  }

  get queue(): UploadQueue {
    return this.#queue;
  }

  /** Whether the page provided the queue, with its own settings. */
  get isShared(): boolean {
    return this.#queue !== this.#own;
  }

  /** Switches to the page's queue, or back to the element's own. */
  useQueue(queue: UploadQueue | undefined): void {
    const next = queue ?? this.#own;
    if (next === this.#queue) return;
    this.#unbind();
    this.#queue = next;
    if (this.#host.isConnected) this.#bind();
    this.#host.requestUpdate();
  }

  hostConnected(): void {
    if (this.#binding === undefined) this.#bind();
    this.#own.unsuspend();
  }

  /**
   * A disconnect may be a move, a removal, or temporary until a framework restores the view (Vue's KeepAlive, Turbo).
   * Unless the element is reconnected in the same task, requests are suspended; rows and stored parts are kept.
   */
  hostDisconnected(): void {
    queueMicrotask(() => {
      if (this.#host.isConnected) return;
      this.#own.suspend();
      this.#unbind();
    });
  }

  #bind(): void {
    const queue = this.#queue;
    this.#binding = new AbortController();
    const { signal } = this.#binding;
    const unsubscribe = queue.subscribe(() => this.#host.requestUpdate());
    signal.addEventListener('abort', unsubscribe);
    for (const name of UPLOAD_EVENT_NAMES) {
      queue.addEventListener(name, (event: Event) => this.#redispatch(event as CustomEvent<unknown>), { signal });
    }
    this.#host.requestUpdate();
  }

  #unbind(): void {
    this.#binding?.abort();
    this.#binding = undefined;
  }

  #redispatch(event: CustomEvent<unknown>): void {
    const { type, detail, cancelable } = event;
    const copy = new CustomEvent(type, { detail, cancelable, bubbles: true, composed: true });
    if (!this.#host.dispatchEvent(copy)) event.preventDefault();
  }
}
