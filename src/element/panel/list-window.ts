import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Number of rows up to which the whole list is rendered: omitting some would gain nothing. */
export const MAX_FULL_LIST = 40;
/** Extra rows rendered on either side of the viewport and of the focused row. */
const OVERSCAN = 8;
/** Estimated row height in pixels, including the gap, until a row is measured. */
const DEFAULT_PITCH = 70;
/** Estimated list height in pixels, until it is measured. */
const DEFAULT_HEIGHT = 640;

/** Rows `from` (inclusive) to `to` (exclusive), or a gap in pixels in place of omitted rows. */
export type Segment = { readonly from: number; readonly to: number } | { readonly gap: number };

/**
 * Virtualizes a long list: renders the visible rows, some rows around them, and the focused row.
 *
 * The smallest of the first measured row heights is the default height. Rows that differ are stored with the difference
 * once measured, so that gaps have the height of the omitted rows.
 */
export class ListWindow implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #findList: () => HTMLElement | null;
  readonly #observer = 'ResizeObserver' in globalThis ? new ResizeObserver((entries) => this.#measure(entries)) : null;
  readonly #observed = new Set<Element>();
  /** Differences of measured rows from `#pitch` in pixels, by item ID. */
  readonly #differences = new Map<string, number>();
  /** Default row height in pixels, including the gap. */
  #pitch: number | undefined;
  #height = DEFAULT_HEIGHT;
  /** Items per line: cards have equal heights and form a grid. */
  #columns = 1;
  #scrollTop = 0;
  /** Whether the list was virtualized before this update. */
  #isVirtual = false;
  /** IDs of the rendered rows, and whether this update changes them. */
  #renderedIds = '';
  #haveRowsChanged = false;
  #renderedRange = { from: 0, to: 0 };
  #rows: readonly { readonly id: string }[] = [];

  /** @param findList returns the scrollable list, whose children with `data-id` are the rows */
  constructor(host: ReactiveControllerHost & HTMLElement, findList: () => HTMLElement | null) {
    this.#host = host;
    this.#findList = findList;
    host.addController(this);
  }

  /**
   * Returns the segments to render, from top to bottom.
   *
   * @param focused index of the row that has or will receive focus
   */
  segmentsFor(rows: readonly { readonly id: string }[], focused: number | undefined): readonly Segment[] {
    this.#rows = rows;
    this.#renderedRange = this.#visibleRange();
    const { from, to } = this.#renderedRange;
    const ranges = [{ from, to }];
    const focus = this.#rangeAround(focused, rows.length);
    if (focus !== undefined) ranges[focus.from < from ? 'unshift' : 'push'](focus);
    const segments: Segment[] = [];
    let end = 0;
    for (const range of ranges) {
      const begin = Math.max(end, range.from);
      if (begin >= range.to) continue;
      if (begin > end) segments.push({ gap: this.#heightOf(end, begin) });
      segments.push({ from: begin, to: range.to });
      end = range.to;
    }
    if (end < rows.length) segments.push({ gap: this.#heightOf(end, rows.length) });
    const renderedIds = ranges.flatMap((range) => rows.slice(range.from, range.to).map(({ id }) => id)).join();
    this.#haveRowsChanged ||= renderedIds !== this.#renderedIds;
    this.#renderedIds = renderedIds;
    return segments;
  }

  /** Call when the list is scrolled. */
  readonly onScroll = (): void => {
    this.#scrollTop = this.#findList()?.scrollTop ?? 0;
    const { from, to } = this.#visibleRange();
    // Renders again once half of the overscan is used up.
    const slack = OVERSCAN / 2;
    if (Math.abs(from - this.#renderedRange.from) >= slack || Math.abs(to - this.#renderedRange.to) >= slack) {
      this.#host.requestUpdate();
    }
  };

  /** Call when a row receives focus: renders its neighbors, so that they can receive focus before the list scrolls. */
  readonly onFocus = (): void => {
    if (this.#rows.length > MAX_FULL_LIST) this.#host.requestUpdate();
  };

  hostUpdate(): void {
    this.#isVirtual = this.#rows.length > MAX_FULL_LIST;
    if (this.#isVirtual) this.#scrollTop = this.#findList()?.scrollTop ?? 0;
  }

  hostUpdated(): void {
    const list = this.#findList();
    // WebKit scrolls up if replacing rows makes the list short for a moment. Reading `scrollTop` forces a layout, so it is
    // only checked if the rows have changed.
    const isAtRisk = this.#isVirtual && this.#haveRowsChanged;
    this.#haveRowsChanged = false;
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

  #visibleRange(): { readonly from: number; readonly to: number } {
    const count = this.#rows.length;
    if (count <= MAX_FULL_LIST) return { from: 0, to: count };
    const columns = this.#columns;
    const extra = columns === 1 ? OVERSCAN : 2 * columns;
    const first = this.#indexAt(this.#scrollTop);
    const last = this.#indexAt(this.#scrollTop + this.#height);
    return { from: Math.max(0, first - extra), to: Math.min(count, last + columns + extra) };
  }

  /** Index of the row at this offset in pixels. */
  #indexAt(offset: number): number {
    const pitch = this.#pitch ?? DEFAULT_PITCH;
    const last = this.#rows.length - 1;
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
    let height = Math.ceil((to - from) / columns) * (this.#pitch ?? DEFAULT_PITCH);
    if (columns === 1 && this.#differences.size > 0)
      for (let index = from; index < to; index += 1) height += this.#differenceAt(index);
    return height;
  }

  #differenceAt(index: number): number {
    return this.#differences.get(this.#rows[index]?.id ?? '') ?? 0;
  }

  /** The row with some rows on either side, in whole lines. */
  #rangeAround(index: number | undefined, count: number): { readonly from: number; readonly to: number } | undefined {
    if (index === undefined || index < 0) return undefined;
    const columns = this.#columns;
    const line = index - (index % columns);
    const extra = columns === 1 ? OVERSCAN : columns;
    return { from: Math.max(0, line - extra), to: Math.min(count, line + columns + extra) };
  }

  #measure(entries: readonly ResizeObserverEntry[]): void {
    const list = this.#findList();
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
      // Removed or hidden rows have no height.
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
    // Rendering within the observer callback would cause a "ResizeObserver loop" error.
    if (hasChanged && this.#rows.length > MAX_FULL_LIST) requestAnimationFrame(() => this.#host.requestUpdate());
  }
}
