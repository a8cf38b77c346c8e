/** What keeps a form from being submitted: which validity flag says so, and why in words. */
export type FormProblem = readonly [flag: 'customError' | 'valueMissing' | 'rangeUnderflow', message: string];

/** The element as a control of a form, where the browser has `ElementInternals`. */
export class FormControl {
  readonly #internals: ElementInternals | undefined;

  constructor(internals: ElementInternals | undefined) {
    this.#internals = internals;
  }

  get form(): HTMLFormElement | null {
    return this.#internals?.form ?? null;
  }

  get labels(): NodeList | undefined {
    return this.#internals?.labels;
  }

  get willValidate(): boolean {
    return this.#internals?.willValidate ?? false;
  }

  get validity(): ValidityState | undefined {
    return this.#internals?.validity;
  }

  get validationMessage(): string {
    return this.#internals?.validationMessage ?? '';
  }

  checkValidity(): boolean {
    return this.#internals?.checkValidity() ?? true;
  }

  reportValidity(): boolean {
    return this.#internals?.reportValidity() ?? true;
  }

  /** @param state what the browser keeps for when the visitor goes back to the page */
  setValue(data: FormData | null, state: string): void {
    this.#internals?.setFormValue(data, state);
  }

  /** @param anchor what the browser's message points at */
  setProblem([flag, message]: FormProblem | readonly [], anchor: HTMLElement | null | undefined): void {
    if (flag === undefined) this.#internals?.setValidity({});
    else this.#internals?.setValidity({ [flag]: true }, message, anchor ?? undefined);
  }
}
