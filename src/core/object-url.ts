/** An address that may stand in `src` and `href`: http(s), or relative to the page. */
export function safeUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^(https?:\/\/|\/(?!\/))/i.test(url) ? url : undefined;
}

/** An object's address under its bucket's domain: each segment of the key escaped, a bare domain taken as https. */
export function objectUrl(domain: string | undefined, key: string | undefined): string | undefined {
  if (domain === undefined || key === undefined) return undefined;
  const base = /^https?:\/\//i.test(domain) ? domain : `https://${domain}`;
  return `${base.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
