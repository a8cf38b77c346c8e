/** Sets the element's custom states (`:state(busy)`) if the browser supports them. */
export class CustomStates {
  readonly #states: CustomStateSet | undefined;

  constructor(internals: ElementInternals | undefined) {
    this.#states = internals?.states;
  }

  set(name: string, isOn: boolean): void {
    try {
      if (isOn) this.#states?.add(name);
      else this.#states?.delete(name);
    } catch {
      // browsers before 2024 require a `--` prefix in state names; they get no states
    }
  }
}
