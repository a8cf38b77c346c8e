import type { ReactiveController, ReactiveControllerHost } from 'lit';

export type SubmitHost = ReactiveControllerHost &
  HTMLElement & {
    readonly submit: string | undefined;
    readonly willValidate: boolean;
    readonly validationMessage: string;
  };

export interface SubmitHoldOptions {
  /** Whether files are uploading, so that submission can wait for them. */
  readonly isWorking: () => boolean;
  /** Whether the list is empty. */
  readonly isEmpty: () => boolean;
  /** Whether chosen files that are not stored block submission. */
  readonly isHeld: () => boolean;
  /** Shows the reason in the browser's validation message. */
  readonly report: () => void;
  /** Announces that submission waits for uploads. */
  readonly announceWait: () => void;
  /** Announces the validation message and moves focus to its anchor. */
  readonly announce: (text: string) => void;
}

interface WaitingSubmit {
  readonly form: HTMLFormElement;
  readonly submitter: HTMLElement | null;
  /** Whether the button has `formnovalidate`, which submits only the stored files. */
  readonly isUnchecked: boolean;
}

/**
 * Prevents form submission without the chosen files.
 *
 * The element's validity blocks validated submissions. This class also blocks submissions that are not validated
 * (`novalidate`) or happen just as a file is chosen. With `submit="wait"`, it stops a submission during uploads and
 * repeats it when all files are stored. A button with `formnovalidate` submits only the stored files; `form.submit()`
 * cannot be intercepted.
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

  /** Attaches to the element's form. Call whenever the form changes. */
  join(form: HTMLFormElement | null): void {
    this.#joined?.abort();
    this.#joined = new AbortController();
    this.#form = form;
    this.cancel();
    const { signal } = this.#joined;
    form?.addEventListener('submit', (event) => this.#handleSubmit(form, event), { capture: true, signal });
  }

  /** Cancels a waiting submission. */
  cancel(): void {
    this.#waiting = undefined;
  }

  hostDisconnected(): void {
    this.cancel();
  }

  hostUpdated(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.#options.isEmpty()) this.cancel();
    else if (this.#options.isHeld() && !waiting.isUnchecked) {
      this.cancel();
      this.#options.report();
    } else if (!this.#options.isWorking()) {
      this.cancel();
      void this.#submitAgain(waiting);
    }
  }

  /** Repeats a submission that was stopped before the panel was loaded. */
  replay(form: HTMLFormElement, submitter: HTMLElement | null): void {
    if (form === this.#form && !this.#intercept(form, submitter)) form.requestSubmit(buttonIn(form, submitter));
  }

  #handleSubmit(form: HTMLFormElement, event: SubmitEvent): void {
    if (!this.#intercept(form, event.submitter)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Returns whether submission must stop; if so, makes it wait or shows the reason. */
  #intercept(form: HTMLFormElement, submitter: HTMLElement | null): boolean {
    const isUnchecked = isSubmitButton(submitter) && submitter.formNoValidate;
    const isHeld = !isUnchecked && this.#host.willValidate && this.#options.isHeld();
    const waits = !isHeld && this.#host.submit === 'wait' && this.#options.isWorking();
    if (isHeld) {
      this.cancel();
      this.#options.report();
    } else if (waits) {
      this.#waiting = { form, submitter, isUnchecked };
      this.#options.announceWait();
    }
    return isHeld || waits;
  }

  async #submitAgain({ form, submitter }: WaitingSubmit): Promise<void> {
    const { signal } = this.#joined ?? {};
    await this.#host.updateComplete; // updates the form value
    if (signal?.aborted || !this.#host.isConnected || !form.isConnected) return;
    form.requestSubmit(buttonIn(form, submitter));
  }

  /**
   * Screen readers differ in how they read the browser's message, so it is announced as well. Browsers differ in what
   * they focus: Firefox and WebKit the anchor, Chromium the element's first button.
   */
  #handleInvalid(event: Event): void {
    // Only the first invalid control receives focus and a message; `checkValidity()` shows none.
    setTimeout(() => {
      if (event.defaultPrevented || !this.#host.matches(':focus-within')) return;
      this.#options.announce(this.#host.validationMessage);
    });
  }
}

function isSubmitButton(element: Element | null): element is HTMLButtonElement | HTMLInputElement {
  return element instanceof HTMLButtonElement || element instanceof HTMLInputElement;
}

/** The pressed button, or an equal one that replaced it during a render; `null` if there is none. */
function buttonIn(form: HTMLFormElement, pressed: HTMLElement | null): HTMLElement | null {
  if (!isSubmitButton(pressed) || (pressed.form === form && pressed.isConnected)) return pressed;
  const { type, name, value } = pressed;
  const isEqual = (element: Element): element is HTMLElement =>
    isSubmitButton(element) && element.type === type && element.name === name && element.value === value;
  return [...form.elements].find(isEqual) ?? null;
}
