import { extname } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { lookup } from 'mime-types';
import { KodoError } from './kodo-error.js';

/** What may stand in a header: a client's type comes back in `Content-Type`. */
const HEADER_TEXT = /^[\x20-\x7e]*$/;

const FALLBACK = 'application/octet-stream';

/** What is known of an upload's type. */
export interface MimeHints {
  /** The put policy's `detectMime`: 0 trusts the client, 1 the content, -1 the client alone. */
  readonly detectMime: number;
  /** What the client said, if anything. */
  readonly clientType: string | undefined;
  /** The original file name, if known. */
  readonly fname: string | undefined;
  /** The client's key, if it sent one. */
  readonly key: string | undefined;
  /** The first bytes of the content. */
  readonly head: Buffer;
}

/**
 * The type an object is stored with. Source: https://developer.qiniu.com/kodo/1206/put-policy, `detectMime`
 *
 * @throws {KodoError} 400 for a client's type that no header can carry
 */
export async function mimeTypeOf(hints: MimeHints): Promise<string> {
  const { detectMime, fname, key, head } = hints;
  // A browser says application/octet-stream of what it does not know; that is no statement about the content.
  const client = hints.clientType === FALLBACK || hints.clientType === '' ? undefined : hints.clientType;
  if (client !== undefined && !HEADER_TEXT.test(client)) throw new KodoError(400, 'invalid argument');
  if (detectMime === -1) return hints.clientType ?? FALLBACK;
  const byName = typeOfName(fname ?? '') ?? typeOfName(key ?? '');
  const byContent = await sniff(head);
  return (detectMime === 1 ? (byContent ?? byName) : (client ?? byName ?? byContent)) ?? FALLBACK;
}

/** The type that the content itself shows, which `mimeLimit` goes by. */
export async function sniff(head: Buffer): Promise<string | undefined> {
  const known = await fileTypeFromBuffer(new Uint8Array(head));
  if (known !== undefined) return known.mime;
  const text = head.toString('utf8').trimStart().toLowerCase();
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'text/html';
  if (/^<svg[\s>]/.test(text) || (text.startsWith('<?xml') && text.includes('<svg'))) return 'image/svg+xml';
  return head.length > 0 && isText(head) ? 'text/plain' : undefined;
}

function typeOfName(name: string): string | undefined {
  return lookup(extname(name)) || undefined;
}

function isText(head: Buffer): boolean {
  // A head may be cut inside a character: its last bytes are not judged.
  const body = head.length > 3 ? head.subarray(0, -3) : head;
  return !body.some((byte) => byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
}
