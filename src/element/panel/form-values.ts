import type { StoredFile } from '../../core/items/file-entry.js';
import type { UploadItem, UploadItemIn } from '../../core/items/upload-item.js';

/** Form value of each stored file: its key, or its response as JSON. */
export type ValueFormat = 'key' | 'json';

/** The submitted values, and the state that the browser restores. */
export interface FormValue {
  readonly values: readonly string[];
  readonly state: string;
}

/** Number of stored files up to which the form value is updated for each file. */
const MAX_UNPACED = 100;
/** Above that, the form value is kept during uploads for this multiple of the time it takes to compute. */
const PACE_FACTOR = 40;

/** Computes the form value and caches it until a stored file is added or removed. */
export class FormValueMaker {
  #cached: (FormValue & { readonly format: ValueFormat }) | undefined;
  #paced: FormValue | undefined;
  /** Time until which the paced value is kept, on the `performance.now()` clock. */
  #pacedUntil = -Infinity;

  /** Call when a stored file was added or removed. */
  invalidate(): void {
    this.#cached = undefined;
  }

  /** Like `invalidate()`, but also ends pacing. Call when the page has changed the files. */
  invalidateNow(): void {
    this.invalidate();
    this.#pacedUntil = -Infinity;
  }

  make(items: readonly UploadItem[], format: ValueFormat): FormValue {
    if (this.#cached?.format !== format) {
      this.#cached = { format, values: formValues(items, format), state: formState(items) };
    }
    return this.#cached;
  }

  /**
   * Like `make()`, but may lag behind while a long list is uploading: recomputing the value for each stored file would
   * dominate the work.
   */
  makePaced(items: readonly UploadItem[], format: ValueFormat, isWorking: boolean): FormValue {
    const begin = performance.now();
    if (this.#paced === undefined || !isWorking || begin > this.#pacedUntil) {
      this.#paced = this.make(items, format);
      const isLong = this.#paced.values.length > MAX_UNPACED;
      this.#pacedUntil = isLong ? begin + (performance.now() - begin) * PACE_FACTOR : -Infinity;
    }
    return this.#paced;
  }
}

/** The form values of the stored files. A file without a key has no `key` value. */
function formValues(items: readonly UploadItem[], format: ValueFormat): readonly string[] {
  return stored(items).flatMap(({ result }) =>
    format === 'json' ? JSON.stringify(result.response ?? null) : (result.key ?? []),
  );
}

/** The state that the browser restores when the visitor navigates back to the page. */
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

/** Parses the files from restored form state; returns an empty array for invalid state. */
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
