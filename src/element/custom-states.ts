/** The element's custom states (`:state(busy)`), where the browser has them. */
export class CustomStates {
  readonly #states: Set<string> | undefined;

  constructor(host: HTMLElement) {
    // On a server there are no internals, and browsers before 2024 want dashes in a state's name.
    this.#states = typeof host.attachInternals === 'function' ? host.attachInternals().states : undefined;
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
