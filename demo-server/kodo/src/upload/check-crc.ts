import type { Blob } from '../store/blob-store.js';
import { KodoError } from '../kodo-error.js';

/**
 * Holds a file against the CRC-32 that the client stated, in decimal; nothing is checked where it stated none.
 *
 * @throws {KodoError} 400 or 406
 */
export function checkCrc(text: string | undefined, blob: Blob): void {
  if (text === undefined) return;
  if (!/^\d+$/.test(text)) throw new KodoError(400, 'invalid argument');
  if (Number(text) !== blob.crc32) throw new KodoError(406, 'crc32 check error');
}
