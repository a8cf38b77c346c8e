import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadItem } from '../core/upload-item.js';

/** Pictures that browsers show in an `<img>`. */
const SHOWN = /^image\/(avif|bmp|gif|jpeg|png|svg\+xml|webp|x-icon)$/;

/** Object URLs of pictures: made when a row first asks, released when the row or the element is gone. */
export class Thumbnails implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #urls = new Map<string, string>();
  /** Ids of pictures that could not be shown. */
  readonly #broken = new Set<string>();

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.keep(() => false);
    });
  }

  /** Address of an item's picture, or nothing where there is none to show. */
  urlOf(item: UploadItem): string | undefined {
    if (!SHOWN.test(item.type) || this.#broken.has(item.id) || item.status === 'rejected') return undefined;
    if (item.status === 'done' && item.result.source === 'stored') return item.result.url;
    let url = this.#urls.get(item.id);
    if (url === undefined) {
      url = URL.createObjectURL(item.file);
      this.#urls.set(item.id, url);
    }
    return url;
  }

  /** Notes that an item's picture cannot be shown. */
  markBroken(id: string): void {
    this.#broken.add(id);
    this.#host.requestUpdate();
  }

  /** Releases all pictures but those of these ids. */
  keep(isKept: (id: string) => boolean): void {
    for (const [id, url] of this.#urls) {
      if (isKept(id)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(id);
    }
    for (const id of this.#broken) if (!isKept(id)) this.#broken.delete(id);
  }
}
