/** The element's custom states (`:state(busy)`), where the browser has them. */
export class CustomStates {
  readonly #states: CustomStateSet | undefined;

  constructor(internals: ElementInternals | undefined) {
    // Browsers before 2024 want dashes in a state's name.
    this.#states = internals?.states;
  }

  set(name: string, isOn: boolean): void {
    try {
      if (isOn) this.#states?.add(name);
      else this.#states?.delete(name);
    } catch {
      // such a browser does without
    }
  }
}
