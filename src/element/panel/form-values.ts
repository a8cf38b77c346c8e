import type { StoredFile } from '../../core/queue/queue-options.js';
import type { UploadItem, UploadItemIn } from '../../core/items/upload-item.js';

/** What a form is sent for each stored file: its key, or its reply as JSON. */
export type ValueFormat = 'key' | 'json';

/** What a form is sent, and what the browser keeps of it. */
export interface FormValue {
  readonly values: readonly string[];
  readonly state: string;
}

/** Up to so many stored files a form is told of each at once. */
const PACED_FROM = 100;
/** With more, how many times as long as it takes to make a form's value it stays as it is, while files are uploaded. */
const FORM_PACE = 40;

/** The value of a form's control, made anew only when a stored file has come or gone. */
export class FormValueMaker {
  #made: (FormValue & { readonly format: ValueFormat }) | undefined;
  #told: FormValue | undefined;
  /** Until when it stays at that, as `performance.now()` tells time. */
  #toldUntil = -Infinity;

  /** To be called when a stored file has come or gone. */
  forget(): void {
    this.#made = undefined;
  }

  /** The same, when the page has changed the files: the form is told at once. */
  refresh(): void {
    this.forget();
    this.#toldUntil = -Infinity;
  }

  make(items: readonly UploadItem[], format: ValueFormat): FormValue {
    if (this.#made?.format !== format) {
      this.#made = { format, values: formValues(items, format), state: formState(items) };
    }
    return this.#made;
  }

  /**
   * The same, which may be a little behind while a long list is being uploaded: with each file that is stored all of it
   * is made anew, and that would be most of the work.
   */
  tell(items: readonly UploadItem[], format: ValueFormat, isWorking: boolean): FormValue {
    const begin = performance.now();
    if (this.#told === undefined || !isWorking || begin > this.#toldUntil) {
      this.#told = this.make(items, format);
      const isLong = this.#told.values.length > PACED_FROM;
      this.#toldUntil = isLong ? begin + (performance.now() - begin) * FORM_PACE : -Infinity;
    }
    return this.#told;
  }
}

/** The stored files as a form's values. A file without a key has none to send. */
function formValues(items: readonly UploadItem[], format: ValueFormat): readonly string[] {
  return stored(items).flatMap(({ result }) =>
    format === 'json' ? JSON.stringify(result.response ?? null) : (result.key ?? []),
  );
}

/** What the browser keeps of them for when the page is gone back to. */
function formState(items: readonly UploadItem[]): string {
  const files = stored(items).map(({ name, size, type, result: { key, hash, url, response } }): StoredFile => ({
    name,
    size,
    type,
    key,
    hash,
    url,
    response,
  }));
  return JSON.stringify(files);
}

/** The files of a state that the browser kept; of anything else none. */
export function readFormState(state: unknown): readonly StoredFile[] {
  try {
    const files: unknown = typeof state === 'string' ? JSON.parse(state) : undefined;
    return Array.isArray(files) ? (files as StoredFile[]).filter((file) => typeof file?.name === 'string') : [];
  } catch {
    return [];
  }
}

function stored(items: readonly UploadItem[]): readonly UploadItemIn<'done'>[] {
  return items.filter((item): item is UploadItemIn<'done'> => item.status === 'done');
}
