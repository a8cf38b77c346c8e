import type { UploadQueue } from '../../core/queue/upload-queue.js';
import type { FormControl } from '../form-control.js';
import { FormValueMaker, type ValueFormat } from './form-values.js';

export interface FormFieldOptions {
  readonly queue: () => UploadQueue;
  readonly isWorking: () => boolean;
  readonly name: () => string | undefined;
  readonly format: () => ValueFormat;
}

/** The element's value in its form, and the events that say that the visitor has changed it. */
export class FormField {
  readonly #host: HTMLElement;
  readonly #control: FormControl;
  readonly #options: FormFieldOptions;
  readonly #maker = new FormValueMaker();
  /** What the form was told last. */
  #told: readonly unknown[] = [];
  /** The values that the last event, or the page's own change, left. */
  #known: readonly string[] = [];
  /** Whether `input` and `change` are still to be fired for a change of the visitor's. */
  #isChangeDue = false;

  constructor(host: HTMLElement, control: FormControl, options: FormFieldOptions) {
    this.#host = host;
    this.#control = control;
    this.#options = options;
  }

  /** What the form is sent: a key or a reply for each stored file. */
  get values(): readonly string[] {
    return this.#maker.make(this.#options.queue().items, this.#options.format()).values;
  }

  /** To be called when a stored file has come or gone. */
  forget(): void {
    this.#maker.forget();
  }

  /** Changes the files as the page wants it: `input` and `change` are fired only for what the visitor does. */
  quietly(act: () => void): void {
    const before = this.values;
    const { items } = this.#options.queue();
    act();
    if (this.#options.queue().items !== items) this.#maker.refresh();
    const after = this.values;
    if (isSameList(before, after)) return;
    this.#isChangeDue ||= !isSameList(before, this.#known);
    this.#known = after;
  }

  /**
   * Tells the form what the element holds: one entry for each value, like `<input type="file" multiple>`. To be called
   * after each rendering.
   */
  update(): void {
    const { queue, format, isWorking, name } = this.#options;
    const { values, state } = this.#maker.tell(queue().items, format(), isWorking());
    const told = [name(), values, state];
    if (told.every((part, index) => part === this.#told[index])) return;
    const isSame = JSON.stringify(told) === JSON.stringify(this.#told);
    this.#told = told;
    if (isSame) return;
    const data = new FormData();
    for (const value of values) data.append(name() ?? '', value);
    this.#control.setValue(values.length === 0 || !name() ? null : data, state);
    const isChanged = this.#isChangeDue || !isSameList(values, this.#known);
    this.#known = values;
    this.#isChangeDue = false;
    if (!isChanged) return;
    this.#host.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    this.#host.dispatchEvent(new Event('change', { bubbles: true }));
  }
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((value, index) => value === other[index]));
}
