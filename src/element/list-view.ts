import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { UploadItem } from '../core/upload-item.js';
import { findKey } from './find-key.js';
import { itemView, type ItemActions, type ItemTemplate } from './item-view.js';
import { ALL_AT_MOST, ListWindow } from './list-window.js';
import type { Messages } from '../i18n/messages.js';
import type { ListType } from './panel-attributes.js';
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

/** A row, or the room of those that are left out. */
type Entry = { readonly key: string } & ({ readonly index: number } | { readonly gap: number });

/**
 * The list of files: of a long one only what is in sight, with a field that finds files by name; what has focus keeps
 * it when its row changes or goes.
 */
export class ListView implements ReactiveController {
  readonly #host: ListHost;
  readonly #window: ListWindow;
  /** Tells how many files were found. */
  readonly #onFound: (count: number) => void;
  #sought = '';
  #found: { readonly items: readonly UploadItem[]; readonly sought: string; readonly rows: readonly UploadItem[] } = {
    items: [],
    sought: '',
    rows: [],
  };
  /** What files are found by, kept because the list is searched anew with each change of an item. */
  readonly #findKeys = new WeakMap<File, string>();
  #focused: { readonly id: string; readonly index: number } | undefined;

  constructor(host: ListHost, onFound: (count: number) => void) {
    this.#host = host;
    this.#onFound = onFound;
    this.#window = new ListWindow(host, () => host.renderRoot.querySelector<HTMLElement>('.list'));
    host.addController(this);
  }

  hostUpdate(): void {
    const id = this.#focusIn('[data-id]')?.dataset['id'];
    this.#focused = id === undefined ? undefined : { id, index: this.#found.rows.findIndex((row) => row.id === id) };
  }

  /** Focus that was lost with a row or a button goes on in the row, the next one, the one before, or the button. */
  hostUpdated(): void {
    const focused = this.#focused;
    if (focused === undefined || this.#focusIn('*') !== null) return;
    const { rows } = this.#found;
    const row =
      rows.find(({ id }) => id === focused.id) ??
      rows[Math.min(Math.max(0, focused.index), Math.max(0, rows.length - 1))];
    const button =
      row === undefined
        ? null
        : this.#host.renderRoot.querySelector<HTMLElement>(
            `[data-id="${row.id}"] :is([data-action='remove'], [data-action]):last-child`,
          );
    (button ?? this.#host.renderRoot.querySelector<HTMLElement>('.choose'))?.focus({
      preventScroll: row?.id === focused.id,
    });
  }

  render(items: readonly UploadItem[], options: ListViewOptions): TemplateResult | typeof nothing {
    if (items.length === 0) {
      this.#sought = '';
      this.#found = { items, sought: '', rows: items };
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
    const entries = this.#window.stretches(rows).flatMap((stretch, place): readonly Entry[] => {
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

  #findRows(items: readonly UploadItem[]): readonly UploadItem[] {
    if (items.length <= ALL_AT_MOST) this.#sought = '';
    const sought = findKey(this.#sought);
    if (this.#found.items !== items || this.#found.sought !== sought) {
      const rows = sought === '' ? items : items.filter((item) => this.#findKeyOf(item).includes(sought));
      this.#found = { items, sought, rows };
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

  /** Delete does what the row's own button would do: an upload that runs is cancelled, and removed the next time. */
  #handleKey(event: KeyboardEvent, actions: ItemActions): void {
    if (event.key !== 'Delete' || event.defaultPrevented) return;
    const id = this.#focusIn('[data-id]')?.dataset['id'];
    const item = this.#found.rows.find((row) => row.id === id);
    const row = this.#focusIn('[data-id]');
    if (item === undefined || row === null) return;
    event.preventDefault();
    if (row.querySelector('[data-action="remove"]') !== null) actions.remove(item);
    else actions.cancel(item);
  }

  #focusIn(selector: string): HTMLElement | null {
    const root = this.#host.renderRoot;
    const active = root instanceof ShadowRoot ? root.activeElement : null;
    return active?.closest<HTMLElement>(selector) ?? null;
  }
}

/** The room of rows that are left out. */
function gapView(pixels: number): TemplateResult {
  const measure = (element?: Element): void => {
    // Set by script: a style attribute would need 'unsafe-inline'.
    if (element instanceof HTMLElement) element.style.blockSize = `calc(${pixels}px - var(--_gap))`;
  };
  return html`<li class="gap" aria-hidden="true" ${ref(measure)}></li>`;
}
