/** Header names that {@link canonicalName} cannot derive. */
const EXCEPTIONS: Readonly<Record<string, string>> = { etag: 'ETag', 'content-md5': 'Content-MD5' };

/**
 * A header name as the service writes it: `X-Qn-Meta-M1`. HTTP header names are case-insensitive, but PHP's
 * `getallheaders()['Authorization']` and similar clients are not.
 */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return EXCEPTIONS[lower] ?? lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Headers with names as the service writes them; if a name occurs in several spellings, the last one wins. */
export function canonicalHeaders(headers: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [canonicalName(name), value]));
}
