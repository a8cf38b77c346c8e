import type { UploadQueue } from '../../core/queue/upload-queue.js';
import type { FormControl } from '../form-control.js';
import { FormValueMaker, type ValueFormat } from './form-values.js';

export interface FormFieldOptions {
  readonly queue: () => UploadQueue;
  readonly isWorking: () => boolean;
  readonly name: () => string | undefined;
  readonly format: () => ValueFormat;
}

/** Updates the element's form value and fires `input` and `change`. */
export class FormField {
  readonly #host: HTMLElement;
  readonly #control: FormControl;
  readonly #options: FormFieldOptions;
  readonly #formValues = new FormValueMaker();
  /** The name, values and state that were last set on the control. */
  #applied: readonly unknown[] = [];
  /** The values after the last event or change by the page. */
  #known: readonly string[] = [];
  /** Whether `input` and `change` are pending for an earlier change. */
  #isChangeDue = false;

  constructor(host: HTMLElement, control: FormControl, options: FormFieldOptions) {
    this.#host = host;
    this.#control = control;
    this.#options = options;
  }

  /** The form values: a key or a response for each stored file. */
  get values(): readonly string[] {
    return this.#formValues.make(this.#options.queue().items, this.#options.format()).values;
  }

  /** Call when a stored file was added or removed. */
  invalidate(): void {
    this.#formValues.invalidate();
  }

  /** Applies a change made by the page, for which `input` and `change` do not fire. */
  withoutEvents(act: () => void): void {
    const before = this.values;
    const { items } = this.#options.queue();
    act();
    if (this.#options.queue().items !== items) this.#formValues.invalidateNow();
    const after = this.values;
    if (isSameList(before, after)) return;
    this.#isChangeDue ||= !isSameList(before, this.#known);
    this.#known = after;
  }

  /**
   * Updates the form value: one entry for each value, like `<input type="file" multiple>`. Call after each render.
   */
  update(): void {
    const { queue, format, isWorking, name } = this.#options;
    const { values, state } = this.#formValues.makePaced(queue().items, format(), isWorking());
    const next = [name(), values, state];
    if (next.every((part, index) => part === this.#applied[index])) return;
    const isSame = JSON.stringify(next) === JSON.stringify(this.#applied);
    this.#applied = next;
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
