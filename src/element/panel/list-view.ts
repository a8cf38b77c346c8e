import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { UploadItem } from '../../core/items/upload-item.js';
import { findKey } from './find-key.js';
import { FocusKeeper } from './focus-keeper.js';
import { itemView, type ItemActions, type ItemTemplate } from './item-view.js';
import { ListWindow, MAX_FULL_LIST } from './list-window.js';
import type { Messages } from '../../i18n/messages.js';
import type { ListType } from './panel-attributes.js';
import { isProblem } from './problems.js';
import type { Thumbnails } from './thumbnails.js';

interface ListHost extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
}

export interface ListViewOptions {
  readonly messages: Messages;
  readonly actions: ItemActions;
  readonly thumbnails: Thumbnails;
  readonly isDisabled: boolean;
  readonly type: ListType;
  readonly template: ItemTemplate | undefined;
}

/** Displayed rows, with the inputs that selected them. */
interface SearchResult {
  readonly items: readonly UploadItem[];
  readonly rows: readonly UploadItem[];
  readonly query: string;
  readonly isFiltered: boolean;
}

/** A row, or a gap in place of omitted rows. */
type Entry = { readonly key: string } & ({ readonly index: number } | { readonly gap: number });

/**
 * The list of files. A long list renders only visible rows and has a search field.
 */
export class ListView {
  readonly #host: ListHost;
  readonly #window: ListWindow;
  /** Called with the number of displayed rows after a search or filter. */
  readonly #onFilter: (count: number) => void;
  #query = '';
  #isFiltered = false;
  /** The last rendered rows. */
  #result: SearchResult = { items: [], rows: [], query: '', isFiltered: false };
  readonly #focus: FocusKeeper;
  /** Cached search keys, because each item change repeats the search. */
  readonly #findKeys = new WeakMap<File, string>();

  constructor(host: ListHost, onFilter: (count: number) => void) {
    this.#host = host;
    this.#onFilter = onFilter;
    this.#focus = new FocusKeeper(host, () => this.#result.rows);
    this.#window = new ListWindow(host, () => host.renderRoot.querySelector<HTMLElement>('.list'));
  }

  render(items: readonly UploadItem[], options: ListViewOptions): TemplateResult | typeof nothing {
    if (items.length === 0) {
      this.#query = '';
      this.#isFiltered = false;
      this.#result = { items, rows: items, query: '', isFiltered: false };
      return nothing;
    }
    const { messages, actions, thumbnails, isDisabled, type, template } = options;
    const rows = this.#findRows(items);
    const isLong = rows.length > MAX_FULL_LIST;
    const row = (index: number): unknown => {
      const item = rows[index];
      if (item === undefined) return nothing;
      const thumbnail = type === 'text' ? undefined : thumbnails.of(item);
      const position = isLong ? { index, count: rows.length } : undefined;
      // Items are immutable, so the row of the same object does not change.
      return guard([item, messages, isDisabled, thumbnail, template, position?.index, position?.count], () =>
        itemView(item, { messages, actions, isDisabled, thumbnail, template, position }),
      );
    };
    const entries = this.#window
      .segmentsFor(rows, this.#focus.indexIn(rows))
      .flatMap((segment, ordinal): readonly Entry[] => {
        if ('gap' in segment) return [{ key: `gap-${ordinal}`, gap: segment.gap }];
        const indexes = Array.from({ length: segment.to - segment.from }, (_, offset) => segment.from + offset);
        return indexes.map((index) => ({ key: rows[index]?.id ?? '', index }));
      });
    return html`${items.length > MAX_FULL_LIST ? this.#findView(items.length, rows.length, messages) : nothing}
      <ul
        class="list type-${type}"
        part="list"
        aria-label=${messages.files}
        @scroll=${this.#window.onScroll}
        @focusin=${this.#window.onFocus}
        @keydown=${(event: KeyboardEvent) => this.#handleKey(event, actions)}
      >
        ${repeat(
          entries,
          ({ key }) => key,
          (entry) => ('index' in entry ? row(entry.index) : gapView(entry.gap)),
        )}
      </ul>`;
  }

  #findView(count: number, shown: number, messages: Messages): TemplateResult {
    return html`<div class="find" part="find">
      <input
        type="search"
        class="find-input"
        part="find-input"
        aria-label=${messages.find}
        placeholder=${messages.find}
        .value=${this.#query}
        @input=${(event: Event) => this.#search((event.currentTarget as HTMLInputElement).value)}
      />
      <span class="find-count" part="find-count"><bdi>${messages.found(shown, count)}</bdi></span>
    </div>`;
  }

  #search(query: string): void {
    this.#query = query;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => {
      if (this.#query === query && query !== '') this.#onFilter(this.#result.rows.length);
    });
  }

  /** Whether only files with a problem are shown. */
  get isFiltered(): boolean {
    return this.#isFiltered;
  }

  /** Toggles the filter for files with a problem, which ends when none is left or files are added. */
  readonly toggleFilter = (): void => {
    this.#isFiltered = !this.#isFiltered;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#onFilter(this.#result.rows.length));
  };

  #findRows(items: readonly UploadItem[]): readonly UploadItem[] {
    const before = this.#result;
    if (items.length <= MAX_FULL_LIST) this.#query = '';
    this.#isFiltered &&= items.length <= before.items.length && items.some(isProblem);
    const isFiltered = this.#isFiltered;
    const query = findKey(this.#query);
    if (before.items !== items || before.query !== query || before.isFiltered !== isFiltered) {
      const ofFilter = isFiltered ? items.filter(isProblem) : items;
      const rows = query === '' ? ofFilter : ofFilter.filter((item) => this.#findKeyOf(item).includes(query));
      this.#result = { items, rows, query, isFiltered };
    }
    return this.#result.rows;
  }

  #findKeyOf({ file, name, path = name }: UploadItem): string {
    let key = this.#findKeys.get(file);
    if (key === undefined) {
      key = findKey(path);
      this.#findKeys.set(file, key);
    }
    return key;
  }

  /** The Delete key acts like the row's button: it cancels a running upload and removes any other row. */
  #handleKey(event: KeyboardEvent, actions: ItemActions): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-id]');
    if (event.defaultPrevented || row === null || isTextField(event.composedPath()[0])) return;
    // Ignores key repeats, which would act on the row that receives focus next.
    if (event.repeat && ['Enter', ' ', 'Delete'].includes(event.key)) event.preventDefault();
    else if (event.key === 'Delete') {
      const item = this.#result.rows.find(({ id }) => id === row.dataset['id']);
      if (item === undefined) return;
      event.preventDefault();
      if (row.querySelector('[data-action="remove"]') !== null) actions.remove(item);
      else actions.cancel(item);
    }
  }
}

/** Whether key presses in the target edit text. */
function isTextField(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}

/** Fills the space of omitted rows. */
function gapView(pixels: number): TemplateResult {
  const measure = (element?: Element): void => {
    // Set by script, because a style attribute requires 'unsafe-inline' in the page's CSP.
    if (element instanceof HTMLElement) element.style.blockSize = `calc(${pixels}px - var(--_gap))`;
  };
  return html`<li class="gap" aria-hidden="true" ${ref(measure)}></li>`;
}
