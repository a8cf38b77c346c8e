import demo from 'virtual:demo-server';

/**
 * Signs an upload token with the keys of the local Kodo.
 *
 * Source: https://developer.qiniu.com/kodo/1208/upload-token
 */
export async function signToken(
  policy: Readonly<Record<string, unknown>>,
  { isPadded = true }: { readonly isPadded?: boolean } = {},
): Promise<string> {
  // Add spaces, which do not change the JSON, until its base64 needs padding.
  let text = JSON.stringify(policy);
  while (text.length % 3 === 0) text += ' ';
  const padded = safe64(text);
  const encoded = isPadded ? padded : padded.replace(/=+$/, '');
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', utf8.encode(demo.secretKey), algorithm, false, ['sign']);
  const sign = new Uint8Array(await crypto.subtle.sign(algorithm, key, utf8.encode(encoded)));
  return `${demo.accessKey}:${safe64(String.fromCharCode(...sign))}:${encoded}`;
}

function safe64(binary: string): string {
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_');
}
