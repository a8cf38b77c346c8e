/** Names that are not written as {@link canonicalName} would write them. */
const EXCEPTIONS: Readonly<Record<string, string>> = { etag: 'ETag', 'content-md5': 'Content-MD5' };

/**
 * A header's name as the service writes it: `X-Qn-Meta-M1`. HTTP does not care, but clients such as PHP's
 * `getallheaders()['Authorization']` do.
 */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return EXCEPTIONS[lower] ?? lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Headers with their names as the service writes them; of several spellings of one name, the last counts. */
export function canonicalHeaders(headers: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [canonicalName(name), value]));
}
