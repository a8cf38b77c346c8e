import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { UploadItem } from '../../core/items/upload-item.js';
import { findKey } from './find-key.js';
import { FocusKeeper } from './focus-keeper.js';
import { itemView, type ItemActions, type ItemTemplate } from './item-view.js';
import { ALL_AT_MOST, ListWindow } from './list-window.js';
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

/** Rows that are shown, and what they were chosen from and by. */
interface Found {
  readonly items: readonly UploadItem[];
  readonly rows: readonly UploadItem[];
  readonly sought: string;
  readonly isFiltered: boolean;
}

/** A row, or the room of those that are left out. */
type Entry = { readonly key: string } & ({ readonly index: number } | { readonly gap: number });

/**
 * The list of files: of a long one only what is in sight, with a field that finds files by name.
 */
export class ListView {
  readonly #host: ListHost;
  readonly #window: ListWindow;
  /** Tells how many files were found. */
  readonly #onFound: (count: number) => void;
  #sought = '';
  #isFiltered = false;
  /** What was rendered last. */
  #found: Found = { items: [], rows: [], sought: '', isFiltered: false };
  readonly #focus: FocusKeeper;
  /** What files are found by, kept because the list is searched anew with each change of an item. */
  readonly #findKeys = new WeakMap<File, string>();

  constructor(host: ListHost, onFound: (count: number) => void) {
    this.#host = host;
    this.#onFound = onFound;
    this.#focus = new FocusKeeper(host, () => this.#found.rows);
    this.#window = new ListWindow(host, () => host.renderRoot.querySelector<HTMLElement>('.list'));
  }

  render(items: readonly UploadItem[], options: ListViewOptions): TemplateResult | typeof nothing {
    if (items.length === 0) {
      this.#sought = '';
      this.#isFiltered = false;
      this.#found = { items, rows: items, sought: '', isFiltered: false };
      return nothing;
    }
    const { messages, actions, thumbnails, isDisabled, type, template } = options;
    const rows = this.#findRows(items);
    const isLong = rows.length > ALL_AT_MOST;
    const row = (index: number): unknown => {
      const item = rows[index];
      if (item === undefined) return nothing;
      const thumbnail = type === 'text' ? undefined : thumbnails.of(item);
      const place = isLong ? { index, count: rows.length } : undefined;
      // An item that has changed is another object, so a row of the same one stays as it is.
      return guard([item, messages, isDisabled, thumbnail, template, place?.index, place?.count], () =>
        itemView(item, { messages, actions, isDisabled, thumbnail, template, place }),
      );
    };
    const entries = this.#window
      .stretches(rows, this.#focus.indexIn(rows))
      .flatMap((stretch, place): readonly Entry[] => {
        if ('gap' in stretch) return [{ key: `gap-${place}`, gap: stretch.gap }];
        const indexes = Array.from({ length: stretch.to - stretch.from }, (_, offset) => stretch.from + offset);
        return indexes.map((index) => ({ key: rows[index]?.id ?? '', index }));
      });
    return html`${items.length > ALL_AT_MOST ? this.#findView(items.length, rows.length, messages) : nothing}
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

  #findView(count: number, found: number, messages: Messages): TemplateResult {
    return html`<div class="find" part="find">
      <input
        type="search"
        class="sought"
        part="find-input"
        aria-label=${messages.find}
        placeholder=${messages.find}
        .value=${this.#sought}
        @input=${(event: Event) => this.#seek((event.currentTarget as HTMLInputElement).value)}
      />
      <span class="found" part="find-count"><bdi>${messages.found(found, count)}</bdi></span>
    </div>`;
  }

  #seek(sought: string): void {
    this.#sought = sought;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => {
      if (this.#sought === sought && sought !== '') this.#onFound(this.#found.rows.length);
    });
  }

  /** Whether only files with a problem are shown. */
  get isFiltered(): boolean {
    return this.#isFiltered;
  }

  /** Shows only the files with a problem, until there is none left or files are added; or all of them again. */
  readonly toggleFilter = (): void => {
    this.#isFiltered = !this.#isFiltered;
    this.#host.requestUpdate();
    void this.#host.updateComplete.then(() => this.#onFound(this.#found.rows.length));
  };

  #findRows(items: readonly UploadItem[]): readonly UploadItem[] {
    const before = this.#found;
    if (items.length <= ALL_AT_MOST) this.#sought = '';
    this.#isFiltered &&= items.length <= before.items.length && items.some(isProblem);
    const isFiltered = this.#isFiltered;
    const sought = findKey(this.#sought);
    if (before.items !== items || before.sought !== sought || before.isFiltered !== isFiltered) {
      const ofFilter = isFiltered ? items.filter(isProblem) : items;
      const rows = sought === '' ? ofFilter : ofFilter.filter((item) => this.#findKeyOf(item).includes(sought));
      this.#found = { items, rows, sought, isFiltered };
    }
    return this.#found.rows;
  }

  #findKeyOf({ file, name, path = name }: UploadItem): string {
    let key = this.#findKeys.get(file);
    if (key === undefined) {
      key = findKey(path);
      this.#findKeys.set(file, key);
    }
    return key;
  }

  /** Delete does what the row's own button does: it cancels an upload that is under way, and removes any other row. */
  #handleKey(event: KeyboardEvent, actions: ItemActions): void {
    const row = (event.target as Element).closest<HTMLElement>('[data-id]');
    if (event.defaultPrevented || row === null || isTextField(event.composedPath()[0])) return;
    // A key that is held down acts once: repeated, it would act on whatever gets the focus next.
    if (event.repeat && ['Enter', ' ', 'Delete'].includes(event.key)) event.preventDefault();
    else if (event.key === 'Delete') {
      const item = this.#found.rows.find(({ id }) => id === row.dataset['id']);
      if (item === undefined) return;
      event.preventDefault();
      if (row.querySelector('[data-action="remove"]') !== null) actions.remove(item);
      else actions.cancel(item);
    }
  }
}

/** Whether the keys that are pressed in it edit its text. */
function isTextField(target: EventTarget | undefined): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}

/** The room of rows that are left out. */
function gapView(pixels: number): TemplateResult {
  const measure = (element?: Element): void => {
    // Set by script: a style attribute would need 'unsafe-inline'.
    if (element instanceof HTMLElement) element.style.blockSize = `calc(${pixels}px - var(--_gap))`;
  };
  return html`<li class="gap" aria-hidden="true" ${ref(measure)}></li>`;
}
