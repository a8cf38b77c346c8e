/** A validity flag that blocks form submission, and its message. */
export type FormProblem = readonly [flag: 'customError' | 'valueMissing' | 'rangeUnderflow', message: string];

/** Wraps `ElementInternals`, if available, as a form control. */
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

  /** @param state restored by the browser when the visitor navigates back to the page */
  setValue(data: FormData | null, state: string): void {
    this.#internals?.setFormValue(data, state);
  }

  /** @param anchor element at which the browser shows the message */
  setProblem([flag, message]: FormProblem | readonly [], anchor: HTMLElement | null | undefined): void {
    if (flag === undefined) this.#internals?.setValidity({});
    else this.#internals?.setValidity({ [flag]: true }, message, anchor ?? undefined);
  }
}
