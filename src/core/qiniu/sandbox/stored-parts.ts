import type { StoredPart } from '../../transport/transport.js';
import type { SandboxMessage } from './messages.js';

/** As qiniu-js writes it: `resume.ts`, `LocalInfo`. */
interface SdkRecord {
  readonly id: string;
  readonly data: readonly (StoredPart | null | undefined)[];
}

/**
 * The parts of the one multipart upload that this sandbox does, under whatever name qiniu-js asks for them.
 *
 * The SDK's own names (file name, key, size) would let two files share a record; here there is only ever one. A part
 * counts as stored when its etag was checked against its bytes, not when the server has answered.
 */
export class StoredParts implements Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  readonly #say: (message: SandboxMessage) => void;
  #record: SdkRecord | undefined;
  /** Parts of an earlier attempt: qiniu-js names them only as it comes to each again, and may fail before. */
  #earlier: readonly (StoredPart | null)[] = [];
  #parts: readonly StoredPart[] = [];
  /** Indexes of parts with the right etag. */
  readonly #verified = new Set<number>();

  constructor(say: (message: SandboxMessage) => void) {
    this.#say = say;
  }

  /** Whether there is something to go on with. */
  get hasRecord(): boolean {
    return this.#record !== undefined;
  }

  /** Begins an upload: with the parts of an earlier one, or with none. */
  reset(stored: { readonly uploadId: string; readonly parts: readonly (StoredPart | null)[] } | undefined): void {
    this.#record = stored === undefined ? undefined : { id: stored.uploadId, data: stored.parts };
    this.#earlier = stored?.parts ?? [];
    this.#verified.clear();
    stored?.parts.forEach((part, index) => part !== null && this.#verified.add(index));
  }

  /** The server has opened a multipart upload. */
  begin(uploadId: string): void {
    this.#say({ type: 'stored', uploadId, parts: [] });
  }

  /** A part's etag is that of its bytes. */
  verify(partNumber: number): void {
    this.#verified.add(partNumber - 1);
    this.#tell();
  }

  getItem(): string | null {
    return this.#record === undefined ? null : JSON.stringify(this.#record);
  }

  setItem(_name: string, value: string): void {
    this.#record = JSON.parse(value) as SdkRecord;
    this.#parts = this.#record.data.filter((part) => part !== null && part !== undefined);
    this.#tell();
  }

  /** qiniu-js removes its record when the upload is completed, or when Kodo has forgotten it. */
  removeItem(): void {
    this.#record = undefined;
    this.#earlier = [];
  }

  /** The parts that were stored last, also of an upload that was just completed. */
  get parts(): readonly StoredPart[] {
    return this.#parts;
  }

  #tell(): void {
    if (this.#record === undefined) return;
    const { id, data } = this.#record;
    const length = Math.max(data.length, this.#earlier.length);
    const parts = Array.from({ length }, (_, index) => {
      const part = data[index];
      if (!part) return this.#earlier[index] ?? null;
      return this.#verified.has(index) ? part : null;
    });
    this.#say({ type: 'stored', uploadId: id, parts });
  }
}
