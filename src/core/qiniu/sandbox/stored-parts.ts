import type { StoredPart } from '../../transport/transport.js';
import type { SandboxMessage } from './messages.js';

/** The record that qiniu-js writes: `resume.ts`, `LocalInfo`. */
interface SdkRecord {
  readonly id: string;
  readonly data: readonly (StoredPart | null | undefined)[];
}

/**
 * The `localStorage` of qiniu-js: holds the parts of the sandbox's one multipart upload, under any name.
 *
 * The SDK's names (file name, key, size) could make two files share a record; here there is only one. A part counts as
 * stored once its etag is verified against its bytes, not once there is a response.
 */
export class StoredParts implements Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  readonly #post: (message: SandboxMessage) => void;
  #record: SdkRecord | undefined;
  /** Parts of an earlier attempt: qiniu-js adds each to its record only when it gets to it, and may fail before. */
  #earlier: readonly (StoredPart | null)[] = [];
  #parts: readonly StoredPart[] = [];
  /** Indexes of verified parts. */
  readonly #verified = new Set<number>();

  constructor(post: (message: SandboxMessage) => void) {
    this.#post = post;
  }

  /** Whether there is an upload to resume. */
  get hasRecord(): boolean {
    return this.#record !== undefined;
  }

  /** Starts an upload, with the parts of an earlier one if there are any. */
  reset(stored: { readonly uploadId: string; readonly parts: readonly (StoredPart | null)[] } | undefined): void {
    this.#record = stored === undefined ? undefined : { id: stored.uploadId, data: stored.parts };
    this.#earlier = stored?.parts ?? [];
    this.#verified.clear();
    stored?.parts.forEach((part, index) => part !== null && this.#verified.add(index));
  }

  /** Reports that a multipart upload was initiated. */
  begin(uploadId: string): void {
    this.#post({ type: 'stored', uploadId, parts: [] });
  }

  /** Marks a part as verified. */
  verify(partNumber: number): void {
    this.#verified.add(partNumber - 1);
    this.#report();
  }

  getItem(): string | null {
    return this.#record === undefined ? null : JSON.stringify(this.#record);
  }

  setItem(_name: string, value: string): void {
    this.#record = JSON.parse(value) as SdkRecord;
    this.#parts = this.#record.data.filter((part) => part !== null && part !== undefined);
    this.#report();
  }

  /** qiniu-js removes its record when the upload is completed or has expired. */
  removeItem(): void {
    this.#record = undefined;
    this.#earlier = [];
  }

  /** The stored parts, also of an upload that was just completed. */
  get parts(): readonly StoredPart[] {
    return this.#parts;
  }

  #report(): void {
    if (this.#record === undefined) return;
    const { id, data } = this.#record;
    const length = Math.max(data.length, this.#earlier.length);
    const parts = Array.from({ length }, (_, index) => {
      const part = data[index];
      if (!part) return this.#earlier[index] ?? null;
      return this.#verified.has(index) ? part : null;
    });
    this.#post({ type: 'stored', uploadId: id, parts });
  }
}
