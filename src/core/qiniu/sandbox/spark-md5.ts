/**
 * Replaces `spark-md5` in qiniu-js: the same interface over hash-wasm, which is about four times as fast.
 *
 * Falls back to the original if WebAssembly is forbidden (a content security policy without `wasm-unsafe-eval`).
 */
import { createMD5, type IHasher } from 'hash-wasm';
import OriginalSparkMD5 from 'spark-md5/spark-md5.js';

let hasher: IHasher | undefined;
let isNeeded = true;

/**
 * Loads hash-wasm; must complete before qiniu-js hashes anything.
 *
 * @param needed whether there are stored parts to compare with; if not, hashing every part is useless and is skipped
 */
export async function prepareMd5(needed: boolean): Promise<void> {
  isNeeded = needed;
  if (!needed || hasher !== undefined) return;
  try {
    hasher = await createMD5();
  } catch {
    hasher = undefined; // WebAssembly is not available: FastMd5 falls back to the original
  }
}

/** The subset of `SparkMD5.ArrayBuffer` that qiniu-js uses: one `append`, then `end`, synchronously. */
class FastMd5 {
  readonly #original = isNeeded && hasher === undefined ? new OriginalSparkMD5.ArrayBuffer() : undefined;

  constructor() {
    if (isNeeded) hasher?.init();
  }

  append(data: ArrayBuffer): this {
    if (!isNeeded) return this;
    if (this.#original !== undefined) this.#original.append(data);
    else hasher?.update(new Uint8Array(data));
    return this;
  }

  end(): string {
    if (!isNeeded) return '';
    return this.#original?.end() ?? hasher?.digest('hex') ?? '';
  }
}

// qiniu-js imports the default export of the original.
export default { ArrayBuffer: FastMd5 };
