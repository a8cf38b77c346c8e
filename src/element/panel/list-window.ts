import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Up to so many rows are all rendered: nothing is gained by leaving some out. */
export const ALL_AT_MOST = 40;
/** Rows beyond what is seen, and beyond the one that has focus, on either side. */
const OVERSCAN = 8;
/** What a row takes in pixels, its gap included, until one was measured. */
const FIRST_GUESS = 70;
/** The list's height in pixels until it was measured. */
const FIRST_HEIGHT = 640;

/** Rows `from` to `to`, the last not among them, or a gap in pixels in the place of rows that are left out. */
export type Stretch = { readonly from: number; readonly to: number } | { readonly gap: number };

/**
 * Chooses which rows of a long list are rendered: those in sight of the scrolling list, some around them, and the one
 * that has focus.
 *
 * All rows count as high as the lowest of the first that were measured; of those that are not, the difference is
 * remembered when they have been seen, so that what is left out takes the room that it would take.
 */
export class ListWindow implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #find: () => HTMLElement | null;
  readonly #observer = 'ResizeObserver' in globalThis ? new ResizeObserver((entries) => this.#measure(entries)) : null;
  readonly #observed = new Set<Element>();
  /** By how much rows differ from `#pitch`, by their ids. */
  readonly #differences = new Map<string, number>();
  #pitch: number | undefined;
  #height = FIRST_HEIGHT;
  /** Rows beside each other: cards are of one height, and stand in lines. */
  #columns = 1;
  #scrollTop = 0;
  /** Whether rows were left out before this update. */
  #isLong = false;
  /** The ids of what is rendered, and whether they were others before this update. */
  #shown = '';
  #isExchanged = false;
  #rendered = { from: 0, to: 0 };
  #ids: readonly { readonly id: string }[] = [];

  /** @param find the list: it scrolls, and its children with `data-id` are the rows */
  constructor(host: ReactiveControllerHost & HTMLElement, find: () => HTMLElement | null) {
    this.#host = host;
    this.#find = find;
    host.addController(this);
  }

  /**
   * What is rendered of these rows, from top to bottom.
   *
   * @param focused the index of the row that has the focus, or is to get it
   */
  stretches(rows: readonly { readonly id: string }[], focused: number | undefined): readonly Stretch[] {
    this.#ids = rows;
    this.#rendered = this.#inSight();
    const { from, to } = this.#rendered;
    const ranges = [{ from, to }];
    const focus = this.#around(focused, rows.length);
    if (focus !== undefined) ranges[focus.from < from ? 'unshift' : 'push'](focus);
    const stretches: Stretch[] = [];
    let end = 0;
    for (const range of ranges) {
      const begin = Math.max(end, range.from);
      if (begin >= range.to) continue;
      if (begin > end) stretches.push({ gap: this.#heightOf(end, begin) });
      stretches.push({ from: begin, to: range.to });
      end = range.to;
    }
    if (end < rows.length) stretches.push({ gap: this.#heightOf(end, rows.length) });
    const shown = ranges.flatMap((range) => rows.slice(range.from, range.to).map(({ id }) => id)).join();
    this.#isExchanged ||= shown !== this.#shown;
    this.#shown = shown;
    return stretches;
  }

  /** To be called when the list was scrolled. */
  readonly onScroll = (): void => {
    this.#scrollTop = this.#find()?.scrollTop ?? 0;
    const { from, to } = this.#inSight();
    // Half of the overscan may be used up before anything is rendered anew.
    const slack = OVERSCAN / 2;
    if (Math.abs(from - this.#rendered.from) >= slack || Math.abs(to - this.#rendered.to) >= slack) {
      this.#host.requestUpdate();
    }
  };

  /** To be called when a row got focus: who goes on from it finds the next one, before anything has scrolled. */
  readonly onFocus = (): void => {
    if (this.#ids.length > ALL_AT_MOST) this.#host.requestUpdate();
  };

  hostUpdate(): void {
    this.#isLong = this.#ids.length > ALL_AT_MOST;
    if (this.#isLong) this.#scrollTop = this.#find()?.scrollTop ?? 0;
  }

  hostUpdated(): void {
    const list = this.#find();
    // WebKit scrolls up where a list is short for a moment, while its rows are being exchanged. Reading it makes the
    // browser lay the page out at once, which is not worth it where the same rows say something new.
    const isAtRisk = this.#isLong && this.#isExchanged;
    this.#isExchanged = false;
    if (isAtRisk && list !== null && list.scrollTop !== this.#scrollTop) list.scrollTop = this.#scrollTop;
    const rows = list === null ? [] : [list, ...list.querySelectorAll(':scope > [data-id]')];
    for (const element of this.#observed) {
      if (element.isConnected) continue;
      this.#observer?.unobserve(element);
      this.#observed.delete(element);
    }
    for (const element of rows) {
      if (this.#observed.has(element)) continue;
      this.#observed.add(element);
      this.#observer?.observe(element);
    }
    if (list !== null) return;
    this.#scrollTop = 0;
    this.#differences.clear();
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#observed.clear();
  }

  #inSight(): { readonly from: number; readonly to: number } {
    const count = this.#ids.length;
    if (count <= ALL_AT_MOST) return { from: 0, to: count };
    const columns = this.#columns;
    const extra = columns === 1 ? OVERSCAN : 2 * columns;
    const first = this.#indexAt(this.#scrollTop);
    const last = this.#indexAt(this.#scrollTop + this.#height);
    return { from: Math.max(0, first - extra), to: Math.min(count, last + columns + extra) };
  }

  /** The row at that many pixels from the top. */
  #indexAt(offset: number): number {
    const pitch = this.#pitch ?? FIRST_GUESS;
    const last = this.#ids.length - 1;
    const columns = this.#columns;
    const lastLine = last - (last % columns);
    if (columns > 1 || this.#differences.size === 0) return Math.min(lastLine, Math.floor(offset / pitch) * columns);
    let end = 0;
    for (let index = 0; index < last; index += 1) {
      end += pitch + this.#differenceAt(index);
      if (end > offset) return index;
    }
    return last;
  }

  #heightOf(from: number, to: number): number {
    const columns = this.#columns;
    let height = Math.ceil((to - from) / columns) * (this.#pitch ?? FIRST_GUESS);
    if (columns === 1 && this.#differences.size > 0)
      for (let index = from; index < to; index += 1) height += this.#differenceAt(index);
    return height;
  }

  #differenceAt(index: number): number {
    return this.#differences.get(this.#ids[index]?.id ?? '') ?? 0;
  }

  /** A row with a few on either side, in whole lines. */
  #around(index: number | undefined, count: number): { readonly from: number; readonly to: number } | undefined {
    if (index === undefined || index < 0) return undefined;
    const columns = this.#columns;
    const line = index - (index % columns);
    const extra = columns === 1 ? OVERSCAN : columns;
    return { from: Math.max(0, line - extra), to: Math.min(count, line + columns + extra) };
  }

  #measure(entries: readonly ResizeObserverEntry[]): void {
    const list = this.#find();
    if (list === null) return;
    const before = { pitch: this.#pitch, height: this.#height, columns: this.#columns };
    const { rowGap, display, gridTemplateColumns } = getComputedStyle(list);
    const gap = Number.parseFloat(rowGap);
    this.#columns = display === 'grid' ? gridTemplateColumns.split(' ').length : 1;
    const isOtherLayout = this.#columns > 1 !== before.columns > 1;
    if (isOtherLayout) {
      this.#pitch = undefined;
      this.#differences.clear();
    }
    const pitches = new Map<string, number>();
    for (const { target, borderBoxSize } of entries) {
      const height = borderBoxSize[0]?.blockSize ?? 0;
      const { id } = (target as HTMLElement).dataset;
      if (target === list) this.#height = height;
      // What was taken out of the page, or hidden with it, has no height.
      else if (height > 0 && id !== undefined) pitches.set(id, height + gap);
    }
    if (pitches.size > 0) this.#pitch ??= Math.min(...pitches.values());
    for (const [id, pitch] of pitches) {
      const difference = pitch - (this.#pitch ?? pitch);
      if (Math.abs(difference) < 1) this.#differences.delete(id);
      else this.#differences.set(id, difference);
    }
    const hasChanged =
      before.columns !== this.#columns || before.pitch !== this.#pitch || Math.abs(before.height - this.#height) > 1;
    // In the frame itself, rendering would change what is being observed, which the browser tells the page as an error.
    if (hasChanged && this.#ids.length > ALL_AT_MOST) requestAnimationFrame(() => this.#host.requestUpdate());
  }
}
