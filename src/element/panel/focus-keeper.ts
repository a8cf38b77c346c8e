import type { ReactiveController, ReactiveControllerHost } from 'lit';

interface FocusHost extends ReactiveControllerHost, HTMLElement {
  readonly renderRoot: HTMLElement | DocumentFragment;
}

/** Rows in the order in which they are shown. */
type Rows = readonly { readonly id: string }[];

/** Where the focus was before an update: in a row, or elsewhere above the list. */
interface Place {
  readonly row: { readonly id: string; readonly index: number } | undefined;
  /** The button's `data-action`. */
  readonly action: string | undefined;
}

/** Actions that destroy nothing, the most likely next one first. */
const HARMLESS = ['pause', 'resume', 'retry', 'pauseAll', 'resumeAll', 'retryAll', 'problems'];

/**
 * Keeps the keyboard focus when an update takes away the button or the row that has it.
 *
 * The focus moves to the button of the same action, else to one that destroys nothing, else to the row or the summary
 * itself: the next key press never does more harm than the one before.
 */
export class FocusKeeper implements ReactiveController {
  readonly #host: FocusHost;
  readonly #rows: () => Rows;
  #place: Place | undefined;

  /** @param rows what was rendered last */
  constructor(host: FocusHost, rows: () => Rows) {
    this.#host = host;
    this.#rows = rows;
    host.addController(this);
  }

  /** The index among these rows of the one that has the focus, or that gets it because that one is gone. */
  indexIn(rows: Rows): number | undefined {
    const row = this.#place?.row;
    if (row === undefined) return undefined;
    const index = rows.findIndex(({ id }) => id === row.id);
    return index === -1 ? Math.min(row.index, rows.length - 1) : index;
  }

  hostUpdate(): void {
    const focused = this.#focused;
    const id = focused?.closest<HTMLElement>('[data-id]')?.dataset['id'];
    const isOurs = id !== undefined || focused?.closest('.total, .find');
    this.#place = isOurs
      ? {
          row: id === undefined ? undefined : { id, index: this.#rows().findIndex((row) => row.id === id) },
          action: focused?.closest<HTMLElement>('[data-action]')?.dataset['action'],
        }
      : undefined;
  }

  hostUpdated(): void {
    const place = this.#place;
    if (place === undefined || this.#focused?.matches(':enabled, :not(button, input)')) return;
    const rows = this.#rows();
    const row = this.#find(`[data-id="${rows[this.indexIn(rows) ?? 0]?.id}"]`);
    const total = this.#find('.total');
    const region = place.row === undefined ? (total ?? row) : row;
    if (region === null) this.#focusPicker();
    else focusIn(region, place);
  }

  get #focused(): Element | null {
    const root = this.#host.renderRoot;
    return root instanceof ShadowRoot ? root.activeElement : null;
  }

  #find(selector: string): HTMLElement | null {
    return this.#host.renderRoot.querySelector<HTMLElement>(selector);
  }

  /** The button that opens the picker, or what the page put in its place. */
  #focusPicker(): void {
    const own = this.#find('.choose');
    const button = own?.getClientRects().length
      ? own
      : this.#host.querySelector<HTMLElement>('[slot=dropzone] :is(a[href], button, input, [tabindex])');
    button?.focus();
  }
}

/** Focuses the fitting button in a row or in the summary, else the row or the summary itself. */
function focusIn(region: HTMLElement, { action, row }: Place): void {
  const buttons = [...region.querySelectorAll<HTMLElement>('[data-action]:not(:disabled)')];
  const of = (name: string | undefined): HTMLElement | undefined =>
    buttons.find((button) => button.dataset['action'] === name);
  const next = of(action) ?? HARMLESS.map(of).find((button) => button !== undefined);
  // Only another row may be out of sight.
  const preventScroll = row === undefined || region.dataset['id'] === row.id;
  if (next !== undefined) {
    next.focus({ preventScroll });
    return;
  }
  region.tabIndex = -1;
  region.addEventListener('blur', () => region.removeAttribute('tabindex'), { once: true });
  region.focus({ preventScroll });
}
