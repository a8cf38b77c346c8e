import { extname } from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { lookup } from 'mime-types';
import { readJson } from '../text/json-text.js';
import { KodoError } from '../kodo-error.js';

/** Characters allowed in a header: a client's type is returned in `Content-Type`. */
const HEADER_TEXT = /^[\x20-\x7e]*$/;

const FALLBACK = 'application/octet-stream';

/** The beginning of the content, or all of it. */
export interface Beginning {
  /** The first bytes. */
  readonly head: Buffer;
  /** Total size in bytes. */
  readonly size: number;
}

/** Inputs for determining an upload's type. */
export interface MimeHints extends Beginning {
  /** The put policy's `detectMime`: 0 trusts the client, 1 the content, -1 only the client. */
  readonly detectMime: number;
  /** The client's type, if any. */
  readonly clientType: string | undefined;
  /** The original file name, if known. */
  readonly fname: string | undefined;
  /** The client's key, if it sent one. */
  readonly key: string | undefined;
}

/**
 * The type that an object is stored with. Source: https://developer.qiniu.com/kodo/1206/put-policy, `detectMime`
 *
 * @throws {KodoError} 400 if the client's type is not a valid header value
 */
export async function mimeTypeOf(hints: MimeHints): Promise<string> {
  const { detectMime, clientType = '', fname, key } = hints;
  if (!HEADER_TEXT.test(clientType)) throw new KodoError(400, 'invalid argument');
  if (detectMime === -1) return clientType || FALLBACK;
  // Browsers send application/octet-stream for unknown types; it says nothing about the content.
  const client = clientType === FALLBACK ? undefined : clientType || undefined;
  const byName = typeOfName(fname ?? '') ?? typeOfName(key ?? '');
  const byContent = await sniff(hints);
  return (detectMime === 1 ? (byContent ?? byName) : (client ?? byName ?? byContent)) ?? FALLBACK;
}

/** The type detected from the content, which `mimeLimit` checks. */
export async function sniff({ head, size }: Beginning): Promise<string | undefined> {
  const root = rootOf(head);
  if (root === 'svg') return 'image/svg+xml';
  const known = await fileTypeFromBuffer(new Uint8Array(head));
  if (known !== undefined) return known.mime === 'audio/amr' ? 'audio/AMR' : known.mime; // Kodo's spelling
  if (root === 'html') return 'text/html';
  if (head.length === 0 || !isText(head)) return undefined;
  return head.length === size && isJson(head) ? 'application/json' : 'text/plain';
}

/** An XML declaration, a comment or a document type; each matches in linear time. */
const PROLOGUE = /\s*(?:<\?.*?\?>|<!--.*?-->|<!doctype\s[^>[]*(?:\[[^\]]*\]\s*)?>)/isy;
const ELEMENT = /\s*<([a-z]+)[\s/>]/iy;

/** The name of the root element of an HTML or XML text; `html` also if the document type says so. */
function rootOf(head: Buffer): string | undefined {
  const text = head.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  ELEMENT.lastIndex = PROLOGUE.lastIndex = 0;
  for (let match = PROLOGUE.exec(text); match !== null; match = PROLOGUE.exec(text)) {
    if (/^\s*<!doctype\s+html\b/i.test(match[0])) return 'html';
    ELEMENT.lastIndex = PROLOGUE.lastIndex;
  }
  return ELEMENT.exec(text)?.[1]?.toLowerCase();
}

function typeOfName(name: string): string | undefined {
  return lookup(extname(name)) || undefined;
}

function isText(head: Buffer): boolean {
  // The head may be cut within a character: ignore its last bytes.
  const body = head.length > 3 ? head.subarray(0, -3) : head;
  return !body.some((byte) => byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
}

/** Whether a text is a JSON object or array: a single number or quoted word could also be plain text. */
function isJson(text: Buffer): boolean {
  return typeof (readJson(text.toString('utf8'))?.value ?? 0) === 'object';
}
