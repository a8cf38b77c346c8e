let lastModified = 1_700_000_000_000;

/** Creates a file of `size` bytes. Each file has a different modification date, so that no two look the same. */
export function makeFile(name = 'a.txt', size = 10, type = 'text/plain'): File {
  lastModified += 1000;
  return new File([new Uint8Array(size)], name, { type, lastModified });
}

/** Creates a file with pseudorandom bytes that depend on the seed. */
export function randomFile(name: string, size: number, seed = 1, type = 'application/octet-stream'): File {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  lastModified += 1000;
  return new File([words.buffer.slice(0, size)], name, { type, lastModified });
}

/** Returns lower-case hex. */
export async function sha256(data: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await data.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
