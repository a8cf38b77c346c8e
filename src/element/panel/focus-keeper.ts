import type { ReactiveController, ReactiveControllerHost } from 'lit';

interface FocusHost extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/** Rows in display order. */
type Rows = readonly { readonly id: string }[];

/** Position of the focus before an update: in a row, or above the list. */
interface FocusPosition {
  readonly row: { readonly id: string; readonly index: number } | undefined;
  /** The button's `data-action`. */
  readonly action: string | undefined;
}

/** Non-destructive actions, most likely next action first. */
const HARMLESS = ['pause', 'resume', 'retry', 'pauseAll', 'resumeAll', 'retryAll', 'problems'];

/**
 * Preserves keyboard focus when an update removes the focused button or row.
 *
 * Focus moves to the button of the same action, else to a non-destructive one, else to the row or the summary itself, so
 * that the next key press never does more harm than the last one.
 */
export class FocusKeeper implements ReactiveController {
  readonly #host: FocusHost;
  readonly #rows: () => Rows;
  #position: FocusPosition | undefined;

  /** @param rows returns the rows of the last render */
  constructor(host: FocusHost, rows: () => Rows) {
    this.#host = host;
    this.#rows = rows;
    host.addController(this);
  }

  /** Index of the focused row in `rows`, or of the row that receives focus because the focused one was removed. */
  indexIn(rows: Rows): number | undefined {
    const row = this.#position?.row;
    if (row === undefined) return undefined;
    const index = rows.findIndex(({ id }) => id === row.id);
    return index === -1 ? Math.min(row.index, rows.length - 1) : index;
  }

  hostUpdate(): void {
    const focused = this.#focused;
    const id = focused?.closest<HTMLElement>('[data-id]')?.dataset['id'];
    const isOurs = id !== undefined || focused?.closest('.total, .find');
    this.#position = isOurs
      ? {
          row: id === undefined ? undefined : { id, index: this.#rows().findIndex((row) => row.id === id) },
          action: focused?.closest<HTMLElement>('[data-action]')?.dataset['action'],
        }
      : undefined;
  }

  hostUpdated(): void {
    const position = this.#position;
    if (position === undefined || this.#focused?.matches(':enabled, :not(button, input)')) return;
    const rows = this.#rows();
    const row = this.#find(`[data-id="${rows[this.indexIn(rows) ?? 0]?.id}"]`);
    const total = this.#find('.total');
    const region = position.row === undefined ? (total ?? row) : row;
    if (region === null) this.#focusPicker();
    else focusIn(region, position);
  }

  get #focused(): Element | null {
    const root = this.#host.renderRoot;
    return root instanceof ShadowRoot ? root.activeElement : null;
  }

  #find(selector: string): HTMLElement | null {
    return this.#host.renderRoot.querySelector<HTMLElement>(selector);
  }

  /** Focuses the button that opens the picker, or the page's replacement in the `dropzone` slot. */
  #focusPicker(): void {
    const own = this.#find('.choose');
    const button = own?.getClientRects().length
      ? own
      : this.#host.querySelector<HTMLElement>('[slot=dropzone] :is(a[href], button, input, [tabindex])');
    button?.focus();
  }
}

/** Focuses the best matching button in a row or the summary, else the row or summary itself. */
function focusIn(region: HTMLElement, { action, row }: FocusPosition): void {
  const buttons = [...region.querySelectorAll<HTMLElement>('[data-action]:not(:disabled)')];
  const of = (name: string | undefined): HTMLElement | undefined =>
    buttons.find((button) => button.dataset['action'] === name);
  const next = of(action) ?? HARMLESS.map(of).find((button) => button !== undefined);
  // Only a different row can be outside the viewport.
  const preventScroll = row === undefined || region.dataset['id'] === row.id;
  if (next !== undefined) {
    next.focus({ preventScroll });
    return;
  }
  region.tabIndex = -1;
  region.addEventListener('blur', () => region.removeAttribute('tabindex'), { once: true });
  region.focus({ preventScroll });
}
