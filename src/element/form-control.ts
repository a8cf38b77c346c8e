/** What keeps a form from being submitted, in the order in which it is told. */
export type FormProblem = 'uploading' | 'missing' | 'too-few';

/** The element as a control of a form, where the browser has `ElementInternals`. */
export class FormControl {
  readonly #internals: ElementInternals | undefined;
  #told: readonly unknown[] = [];

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

  /**
   * Tells the form what the element holds: one entry each, like `<input type="file" multiple>`.
   *
   * @param state what the browser keeps for when the page is gone back to
   * @returns whether it is another value than before
   */
  setValues(name: string | null, values: readonly string[], state: string): boolean {
    const told = [name, values, state];
    if (told.every((part, index) => part === this.#told[index])) return false;
    const isSame = JSON.stringify(told) === JSON.stringify(this.#told);
    this.#told = told;
    if (isSame) return false;
    const data = new FormData();
    if (name) for (const value of values) data.append(name, value);
    this.#internals?.setFormValue(values.length === 0 ? null : data, state);
    return true;
  }

  /** @param anchor what the browser's message points at */
  setProblem(problem: FormProblem | undefined, message: string, anchor: HTMLElement | null): void {
    if (problem === undefined) this.#internals?.setValidity({});
    else this.#internals?.setValidity(FLAGS[problem], message, anchor ?? undefined);
  }
}

const FLAGS: Readonly<Record<FormProblem, ValidityStateFlags>> = {
  uploading: { customError: true },
  missing: { valueMissing: true },
  'too-few': { rangeUnderflow: true },
};
