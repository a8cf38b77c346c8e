import { sha1 as sha1InScript } from '@noble/hashes/legacy.js';

/** Block size in bytes; https://github.com/qiniu/qetag */
const BLOCK = 4 * 1024 * 1024;

/**
 * Computes Qiniu's content hash, version 1, of a file or a part: `0x16` and the SHA-1 of a single block, or `0x96` and
 * the SHA-1 of the blocks' SHA-1s, in base64url.
 */
export async function etagOf(data: Blob): Promise<string> {
  if (data.size <= BLOCK) return combine([await sha1(await data.arrayBuffer())]);
  const digests: Uint8Array[] = [];
  for (let offset = 0; offset < data.size; offset += BLOCK) {
    digests.push(await sha1(await data.slice(offset, offset + BLOCK).arrayBuffer()));
  }
  return combine(digests);
}

/** Computes the hash of an object from its parts' etags: version 1 if the parts are blocks, else version 2, `0x9e`. */
export async function etagOfParts(parts: readonly { readonly etag: string; readonly size: number }[]): Promise<string> {
  const last = parts.length - 1;
  const areBlocks = parts.every(({ size }, index) => (index === last ? size <= BLOCK : size === BLOCK));
  const digests = parts.map(({ etag }) => decode(etag).subarray(1));
  return areBlocks ? combine(digests) : encode(0x9e, await sha1(join(digests)));
}

async function combine(digests: readonly Uint8Array[]): Promise<string> {
  const [only] = digests;
  return digests.length === 1 && only !== undefined ? encode(0x16, only) : encode(0x96, await sha1(join(digests)));
}

/**
 * Uses the browser's implementation, which is only available on HTTPS and localhost, else JavaScript: WebAssembly would
 * be faster, but a content security policy may forbid it.
 */
async function sha1(data: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto as Partial<Crypto>;
  if (subtle !== undefined) return new Uint8Array(await subtle.digest('SHA-1', data));
  return sha1InScript(new Uint8Array(data));
}

function join(digests: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(digests.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const digest of digests) {
    joined.set(digest, offset);
    offset += digest.length;
  }
  return joined;
}

function encode(prefix: number, digest: Uint8Array): string {
  return btoa(String.fromCharCode(prefix, ...digest))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

function decode(etag: string): Uint8Array {
  return Uint8Array.from(atob(etag.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
