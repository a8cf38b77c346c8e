/** Qiniu's base64: the URL-safe alphabet, with `=` padding kept. */
export function toBase64Url(data: string | Buffer): string {
  return Buffer.from(data).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Decodes base64url, with or without padding; `undefined` if it is not base64 of UTF-8. */
export function fromBase64Url(text: string): string | undefined {
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'base64url'));
  } catch {
    return undefined; // not UTF-8
  }
}

/** Decodes a path segment, whose padding a browser may have percent-encoded. */
export function fromBase64Segment(segment: string): string | undefined {
  return fromBase64Url(segment.replace(/%3d/gi, '='));
}
