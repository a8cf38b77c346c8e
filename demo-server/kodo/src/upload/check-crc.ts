import type { Blob } from '../store/blob-store.js';
import { KodoError } from '../kodo-error.js';

/**
 * Checks a file against the client's decimal CRC-32, if it sent one.
 *
 * @throws {KodoError} 400 or 406
 */
export function checkCrc(text: string | undefined, blob: Blob): void {
  if (text === undefined) return;
  if (!/^\d+$/.test(text)) throw new KodoError(400, 'invalid argument');
  if (Number(text) !== blob.crc32) throw new KodoError(406, 'crc32 check error');
}
