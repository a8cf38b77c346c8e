/**
 * Returns a URL if it is safe in `src` and `href`: http(s), or a path on the page's origin. Browsers treat a backslash
 * as a slash and ignore tabs and line breaks, so `/\host` would point to another host.
 */
export function safeUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^(https?:\/\/|\/(?![/\\\t\r\n]))/i.test(url) ? url : undefined;
}

/** Returns an object's URL on its bucket's domain. Escapes each segment of the key; a bare domain means https. */
export function objectUrl(domain: string | undefined, key: string | undefined): string | undefined {
  if (domain === undefined || key === undefined) return undefined;
  const base = /^https?:\/\//i.test(domain) ? domain : `https://${domain}`;
  return `${base.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
