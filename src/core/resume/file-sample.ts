/** Bytes of a file's head and of its tail that are looked at. */
const SAMPLE = 256 * 1024;

/**
 * A hash of a file's head and tail, in hex: cheap whatever the size, and different for nearly every change.
 *
 * Nothing where the browser has no `crypto.subtle` (a page that is neither HTTPS nor localhost): without proof nothing
 * is resumed there.
 *
 * @throws {DOMException} when the file cannot be read
 */
export async function sampleOf(file: File): Promise<string | undefined> {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle === undefined) return undefined;
  const pieces = file.size <= 2 * SAMPLE ? [file] : [file.slice(0, SAMPLE), file.slice(file.size - SAMPLE)];
  const digest = await subtle.digest('SHA-256', await new Blob(pieces).arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
