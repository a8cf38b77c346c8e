/**
 * An address that may stand in `src` and `href`: http(s), or a path on the page's origin. Browsers read a backslash as a
 * slash, and ignore tabs and line breaks, so `/\host` would be another host.
 */
export function safeUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^(https?:\/\/|\/(?![/\\\t\r\n]))/i.test(url) ? url : undefined;
}

/** An object's address under its bucket's domain: each segment of the key escaped, a bare domain taken as https. */
export function objectUrl(domain: string | undefined, key: string | undefined): string | undefined {
  if (domain === undefined || key === undefined) return undefined;
  const base = /^https?:\/\//i.test(domain) ? domain : `https://${domain}`;
  return `${base.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
