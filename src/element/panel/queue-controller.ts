import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { UPLOAD_EVENT_NAMES } from '../../core/items/upload-events.js';
import type { UploadQueue } from '../../core/queue/upload-queue.js';

/**
 * Binds an element to its queue: renders its changes, dispatches its events, and stops its requests while the element is
 * out of the page.
 */
export class QueueController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #own: UploadQueue;
  #queue: UploadQueue;
  #binding: AbortController | undefined;

  /** @param own the queue that the element itself made: only its uploads stop with the element */
  constructor(host: ReactiveControllerHost & HTMLElement, own: UploadQueue) {
    this.#host = host;
    this.#own = own;
    this.#queue = own;
    host.addController(this);
  }

  get queue(): UploadQueue {
    return this.#queue;
  }

  /** Whether the page gave its own queue, with its own settings. */
  get isShared(): boolean {
    return this.#queue !== this.#own;
  }

  /** Takes the page's queue, or goes back to the element's own. */
  use(queue: UploadQueue | undefined): void {
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
   * A disconnect may be a move within the page, or for good, or until a framework shows the view again (Vue's KeepAlive,
   * Turbo): requests stop unless the element is back in a moment, but rows and stored parts stay.
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
      queue.addEventListener(name, (event: Event) => this.#passOn(event as CustomEvent<unknown>), { signal });
    }
    this.#host.requestUpdate();
  }

  #unbind(): void {
    this.#binding?.abort();
    this.#binding = undefined;
  }

  #passOn(event: CustomEvent<unknown>): void {
    const { type, detail, cancelable } = event;
    const copy = new CustomEvent(type, { detail, cancelable, bubbles: true, composed: true });
    if (!this.#host.dispatchEvent(copy)) event.preventDefault();
  }
}
