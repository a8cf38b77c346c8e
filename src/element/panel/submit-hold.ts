import type { ReactiveController, ReactiveControllerHost } from 'lit';

type SubmitHost = ReactiveControllerHost &
  HTMLElement & {
    readonly submit: string | undefined;
    readonly willValidate: boolean;
    readonly validationMessage: string;
  };

export interface SubmitHoldOptions {
  /** Whether something is uploading, so that a submit may wait for it. */
  readonly isWorking: () => boolean;
  /** Whether nothing is in the list. */
  readonly isEmpty: () => boolean;
  /** Whether chosen files are not stored, so that the form must not go without them. */
  readonly isHeld: () => boolean;
  /** Shows why the form is held, as the browser shows it for every control. */
  readonly report: () => void;
  /** Announces that the submit waits. */
  readonly announceWait: () => void;
  /** Announces why the form is held, and moves the focus from the element to what the message points at. */
  readonly announce: (text: string) => void;
}

interface WaitingSubmit {
  readonly form: HTMLFormElement;
  readonly submitter: HTMLElement | null;
  /** Whether the button has `formnovalidate`: the form then goes with what is stored. */
  readonly isUnchecked: boolean;
}

/**
 * Keeps a form from being submitted without files that were chosen.
 *
 * The element's validity holds an ordinary submit. This also holds one that is not validated (`novalidate`) or made in
 * the moment in which a file is chosen; with `submit="wait"` it stops a submit while files are being uploaded and makes
 * it again when all of them are stored. A button with `formnovalidate` submits what is stored, and `form.submit()`
 * asks no control.
 */
export class SubmitHold implements ReactiveController {
  readonly #host: SubmitHost;
  readonly #options: SubmitHoldOptions;
  #form: HTMLFormElement | null = null;
  #joined: AbortController | undefined;
  #waiting: WaitingSubmit | undefined;

  constructor(host: SubmitHost, options: SubmitHoldOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
    host.addEventListener('invalid', (event) => this.#handleInvalid(event));
  }

  /** To be called with the element's form, whenever it has another one. */
  join(form: HTMLFormElement | null): void {
    this.#joined?.abort();
    this.#joined = new AbortController();
    this.#form = form;
    this.giveUp();
    const { signal } = this.#joined;
    form?.addEventListener('submit', (event) => this.#handleSubmit(form, event), { capture: true, signal });
  }

  /** Forgets a submit that waits. */
  giveUp(): void {
    this.#waiting = undefined;
  }

  hostDisconnected(): void {
    this.giveUp();
  }

  hostUpdated(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#options.isEmpty()) this.giveUp();
    else if (this.#options.isHeld() && !waiting.isUnchecked) {
      this.giveUp();
      this.#options.report();
    } else if (!this.#options.isWorking()) {
      this.giveUp();
      void this.#submitAgain(waiting);
    }
  }

  /** Takes up a submit that was stopped before this was there. */
  replay(form: HTMLFormElement, submitter: HTMLElement | null): void {
    if (form === this.#form && !this.#stops(form, submitter)) form.requestSubmit(buttonIn(form, submitter));
  }

  #handleSubmit(form: HTMLFormElement, event: SubmitEvent): void {
    if (!this.#stops(form, event.submitter)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Whether a submit must not be made now; then it waits, or the visitor is told why. */
  #stops(form: HTMLFormElement, submitter: HTMLElement | null): boolean {
    const isUnchecked = isSubmitButton(submitter) && submitter.formNoValidate;
    const isHeld = !isUnchecked && this.#host.willValidate && this.#options.isHeld();
    const waits = !isHeld && this.#host.submit === 'wait' && this.#options.isWorking();
    if (isHeld) {
      this.giveUp();
      this.#options.report();
    } else if (waits) {
      this.#waiting = { form, submitter, isUnchecked };
      this.#options.announceWait();
    }
    return isHeld || waits;
  }

  async #submitAgain({ form, submitter }: WaitingSubmit): Promise<void> {
    const { signal } = this.#joined ?? {};
    await this.#host.updateComplete; // the form knows what is stored
    if (signal?.aborted || !this.#host.isConnected || !form.isConnected) return;
    form.requestSubmit(buttonIn(form, submitter));
  }

  /**
   * Screen readers differ in what they read of the browser's message, so it is announced where it is shown. Browsers
   * differ in what they focus: Firefox and WebKit what the message points at, Chromium the element's first button.
   */
  #handleInvalid(event: Event): void {
    // Only the first control that is invalid gets the focus and a message; `checkValidity()` shows none.
    setTimeout(() => {
      if (event.defaultPrevented || !this.#host.matches(':focus-within')) return;
      this.#options.announce(this.#host.validationMessage);
    });
  }
}

function isSubmitButton(element: Element | null): element is HTMLButtonElement | HTMLInputElement {
  return element instanceof HTMLButtonElement || element instanceof HTMLInputElement;
}

/** The button that was pressed, or an equal one that a rendering put in its place; none where there is none any more. */
function buttonIn(form: HTMLFormElement, pressed: HTMLElement | null): HTMLElement | null {
  if (!isSubmitButton(pressed) || (pressed.form === form && pressed.isConnected)) return pressed;
  const { type, name, value } = pressed;
  const isEqual = (element: Element): element is HTMLElement =>
    isSubmitButton(element) && element.type === type && element.name === name && element.value === value;
  return [...form.elements].find(isEqual) ?? null;
}
