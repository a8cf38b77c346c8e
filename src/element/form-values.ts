import type { StoredFile } from '../core/upload-queue-settings.js';
import type { UploadItem, UploadItemIn } from '../core/upload-item.js';

/** What a form is sent for each stored file: its key, or its reply as JSON. */
export type ValueFormat = 'key' | 'json';

/** The stored files as a form's values. A file without a key has none to send. */
export function formValues(items: readonly UploadItem[], format: ValueFormat): readonly string[] {
  return stored(items).flatMap(({ result }) =>
    format === 'json' ? JSON.stringify(result.response ?? null) : (result.key ?? []),
  );
}

/** What the browser keeps of them for when the page is gone back to. */
export function formState(items: readonly UploadItem[]): string {
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
