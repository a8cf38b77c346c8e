import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { objectUrl } from '../../core/net/object-url.js';
import type { UploadItem } from '../../core/items/upload-item.js';

/** Pictures that browsers show in an `<img>`. */
const SHOWN = /^image\/(avif|bmp|gif|jpeg|png|svg\+xml|webp|x-icon)$/;
/** The same, of files whose type is not known. */
const SHOWN_NAME = /\.(avif|bmp|gif|jpe?g|png|svg|webp|ico)$/i;

/** Pixels of a thumbnail's shorter side: a card of the greatest common size on a screen of two pixels a point. */
const PIXELS = 264;
/** Bytes of a file beyond which it is not decoded only to be looked at. */
const LARGEST = 64 * 1024 * 1024;
/** Thumbnails that are kept: some screens full, about 25 MB. */
const KEPT = 100;

/** Cut from the middle to this size. */
const SCALED = `imageView2/1/w/${PIXELS}/h/${PIXELS}`;

/** What a row shows: a small drawing of a local file, or the address of a picture. */
export type Thumbnail = HTMLCanvasElement | string;

/**
 * Small pictures of files: each is decoded once when its row is first seen, one after another, and given back when the
 * row is long out of sight or gone.
 *
 * A canvas, because the address of a local file (`blob:`) needs its own leave in a content security policy; only SVG,
 * which cannot be decoded so, is shown by such an address.
 */
export class Thumbnails implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement & { readonly domain: string | undefined };
  /** The one that was seen longest ago first. */
  readonly #drawn = new Map<File, { readonly id: string; readonly canvas: HTMLCanvasElement }>();
  /** By the items' ids. */
  readonly #urls = new Map<string, string>();
  /** Files whose pictures could not be shown. */
  readonly #broken = new WeakSet<File>();
  /** Stored files whose small picture the bucket did not give. */
  readonly #unscaled = new WeakSet<File>();
  /** What is seen and not drawn yet. */
  #wanted: UploadItem[] = [];
  #isDrawing = false;

  constructor(host: ReactiveControllerHost & HTMLElement & { readonly domain: string | undefined }) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.keep(() => false);
    });
  }

  /** An item's picture; nothing where there is none to show, or not yet. */
  of(item: UploadItem): Thumbnail | undefined {
    const { file, type } = item;
    if (!(SHOWN.test(type) || (type === '' && SHOWN_NAME.test(item.name)))) return undefined;
    if (this.#broken.has(file) || item.status === 'rejected') return undefined;
    if (item.status === 'done' && item.result.source === 'stored') return this.#storedUrl(item.result.url, file);
    if (type === 'image/svg+xml') return this.#urlOf(item);
    const drawn = this.#drawn.get(file);
    if (drawn === undefined) {
      if (file.size > 0 && file.size <= LARGEST) this.#want(item);
      return undefined;
    }
    this.#drawn.delete(file);
    this.#drawn.set(file, drawn);
    return drawn.canvas;
  }

  /** Notes that an address could not be shown: the bucket's small picture first, then the file's own. */
  markBroken({ file }: UploadItem, url: string): void {
    if (url.endsWith(SCALED)) this.#unscaled.add(file);
    else this.#broken.add(file);
    this.#host.requestUpdate();
  }

  /** To be called before each rendering: releases all pictures but those of these items. */
  keep(isKept: (id: string) => boolean): void {
    this.#wanted = [];
    for (const [file, { id }] of this.#drawn) if (!isKept(id)) this.#release(file);
    for (const [id, url] of this.#urls) {
      if (isKept(id)) continue;
      URL.revokeObjectURL(url);
      this.#urls.delete(id);
    }
  }

  /** Kodo makes small pictures of what is on the bucket's own domain. https://developer.qiniu.com/dora/1279/imageview2 */
  #storedUrl(url: string | undefined, file: File): string | undefined {
    const base = objectUrl(this.#host.domain, '');
    const isOfBucket = base !== undefined && url?.startsWith(base) === true && !/\?|\.svg$/i.test(url);
    return isOfBucket && !this.#unscaled.has(file) ? `${url}?${SCALED}` : url;
  }

  #urlOf({ id, file }: UploadItem): string {
    let url = this.#urls.get(id);
    if (url === undefined) {
      url = URL.createObjectURL(file);
      this.#urls.set(id, url);
    }
    return url;
  }

  #want(item: UploadItem): void {
    this.#wanted.push(item);
    if (!this.#isDrawing) void this.#drawWanted();
  }

  async #drawWanted(): Promise<void> {
    this.#isDrawing = true;
    await Promise.resolve(); // until all rows have been rendered
    for (let item = this.#wanted.shift(); item !== undefined; item = this.#wanted.shift()) {
      const { id, file } = item;
      const canvas = await draw(file);
      // The row may be gone by now; without a canvas it keeps the icon of a file.
      if (canvas === undefined) this.#broken.add(file);
      else {
        this.#drawn.set(file, { id, canvas });
        const [oldest] = this.#drawn.keys();
        if (this.#drawn.size > KEPT && oldest !== undefined) this.#release(oldest);
      }
      this.#host.requestUpdate();
    }
    this.#isDrawing = false;
  }

  #release(file: File): void {
    const canvas = this.#drawn.get(file)?.canvas;
    if (canvas !== undefined) canvas.width = 0; // gives the pixels back at once
    this.#drawn.delete(file);
  }
}

/** @returns nothing where there is no picture to show */
async function draw(file: File): Promise<HTMLCanvasElement | undefined> {
  try {
    const { drawThumbnail } = await import('../../core/files/images/examine-image.js');
    return await drawThumbnail(file, PIXELS);
  } catch {
    return undefined; // it could not be loaded
  }
}
