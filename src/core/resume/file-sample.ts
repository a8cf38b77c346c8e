/** Bytes sampled at each end of a file. */
const SAMPLE = 256 * 1024;

/**
 * Returns a hash of a file's first and last bytes, in hex: fast for any size, and different after almost every change.
 *
 * Returns `undefined` if the browser has no `crypto.subtle` (a page that is neither HTTPS nor localhost): uploads are
 * then not resumable.
 *
 * @throws {DOMException} if the file cannot be read
 */
export async function sampleOf(file: File): Promise<string | undefined> {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle === undefined) return undefined;
  const pieces = file.size <= 2 * SAMPLE ? [file] : [file.slice(0, SAMPLE), file.slice(file.size - SAMPLE)];
  const digest = await subtle.digest('SHA-256', await new Blob(pieces).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
