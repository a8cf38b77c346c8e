import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { objectUrl } from '../../core/net/object-url.js';
import type { UploadItem } from '../../core/items/upload-item.js';

/** Image types that browsers display in an `<img>`. */
const IMAGE_TYPES = /^image\/(avif|bmp|gif|jpeg|png|svg\+xml|webp|x-icon)$/;
/** File names of such images, for files of unknown type. */
const IMAGE_NAMES = /\.(avif|bmp|gif|jpe?g|png|svg|webp|ico)$/i;

/** Shorter side of a thumbnail in pixels: the default card size (132 px) at a device pixel ratio of 2. */
const PIXELS = 264;
/** Maximum size in bytes of a file that is decoded for a thumbnail. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Maximum number of cached thumbnails: several screens, about 25 MB. */
const MAX_CACHED = 100;

/** Query that makes Kodo crop and scale an image to this size. */
const SCALE_QUERY = `imageView2/1/w/${PIXELS}/h/${PIXELS}`;

/** A canvas with a local image, or an image URL. */
export type Thumbnail = HTMLCanvasElement | string;

/**
 * Creates thumbnails: decodes each file once, in sequence, when its row is first rendered. Releases the least recently
 * used ones, and those of removed rows.
 *
 * Thumbnails are canvases because a `blob:` URL requires an entry in the page's Content Security Policy. Only SVG, which
 * cannot be decoded this way, uses a `blob:` URL.
 */
export class Thumbnails implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement & { readonly domain: string | undefined };
  /** Least recently used first. */
  readonly #drawn = new Map<File, { readonly id: string; readonly canvas: HTMLCanvasElement }>();
  /** `blob:` URLs by item ID. */
  readonly #urls = new Map<string, string>();
  /** Files whose image could not be displayed. */
  readonly #broken = new WeakSet<File>();
  /** Stored files for which the bucket returned no scaled image. */
  readonly #unscaled = new WeakSet<File>();
  /** Items to draw. */
  #pending: UploadItem[] = [];
  #isDrawing = false;

  constructor(host: ReactiveControllerHost & HTMLElement & { readonly domain: string | undefined }) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.retain(() => false);
    });
  }

  /** Returns an item's thumbnail; `undefined` if there is none, or none yet. */
  of(item: UploadItem): Thumbnail | undefined {
    const { file, type } = item;
    if (!(IMAGE_TYPES.test(type) || (type === '' && IMAGE_NAMES.test(item.name)))) return undefined;
    if (this.#broken.has(file) || item.status === 'rejected') return undefined;
    if (item.status === 'done' && item.result.source === 'stored') return this.#storedUrl(item.result.url, file);
    if (type === 'image/svg+xml') return this.#urlOf(item);
    const drawn = this.#drawn.get(file);
    if (drawn === undefined) {
      if (file.size > 0 && file.size <= MAX_BYTES) this.#enqueue(item);
      return undefined;
    }
    this.#drawn.delete(file);
    this.#drawn.set(file, drawn);
    return drawn.canvas;
  }

  /** Marks a URL as broken: the bucket's scaled image first, then the file's own URL. */
  markBroken({ file }: UploadItem, url: string): void {
    if (url.endsWith(SCALE_QUERY)) this.#unscaled.add(file);
    else this.#broken.add(file);
    this.#host.requestUpdate();
  }

  /** Releases the thumbnails of all other items. Call before each render. */
  retain(isRetained: (id: string) => boolean): void {
    this.#pending = [];
    for (const [file, { id }] of this.#drawn) if (!isRetained(id)) this.#release(file);
    for (const [id, url] of this.#urls) {
      if (isRetained(id)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(id);
    }
  }

  /** Kodo scales images on the bucket's own domain. https://developer.qiniu.com/dora/1279/imageview2 */
  #storedUrl(url: string | undefined, file: File): string | undefined {
    const base = objectUrl(this.#host.domain, '');
    const isOfBucket = base !== undefined && url?.startsWith(base) === true && !/\?|\.svg$/i.test(url);
    return isOfBucket && !this.#unscaled.has(file) ? `${url}?${SCALE_QUERY}` : url;
  }

  #urlOf({ id, file }: UploadItem): string {
    let url = this.#urls.get(id);
    if (url === undefined) {
      url = URL.createObjectURL(file);
      this.#urls.set(id, url);
    }
    return url;
  }

  #enqueue(item: UploadItem): void {
    this.#pending.push(item);
    if (!this.#isDrawing) void this.#drawPending();
  }

  async #drawPending(): Promise<void> {
    this.#isDrawing = true;
    await Promise.resolve(); // waits until all rows are rendered
    for (let item = this.#pending.shift(); item !== undefined; item = this.#pending.shift()) {
      const { id, file } = item;
      const canvas = await draw(file);
      // Without a canvas, the row keeps the file icon.
      if (canvas === undefined) this.#broken.add(file);
      else {
        this.#drawn.set(file, { id, canvas });
        const [oldest] = this.#drawn.keys();
        if (this.#drawn.size > MAX_CACHED && oldest !== undefined) this.#release(oldest);
      }
      this.#host.requestUpdate();
    }
    this.#isDrawing = false;
  }

  #release(file: File): void {
    const canvas = this.#drawn.get(file)?.canvas;
    if (canvas !== undefined) canvas.width = 0; // releases the memory immediately
    this.#drawn.delete(file);
  }
}

/** @returns `undefined` if the image cannot be drawn */
async function draw(file: File): Promise<HTMLCanvasElement | undefined> {
  try {
    const { drawThumbnail } = await import('../../core/files/images/examine-image.js');
    return await drawThumbnail(file, PIXELS);
  } catch {
    return undefined; // the module could not be loaded
  }
}
