/**
 * Types that browsers execute, or render as a page that can run scripts, and that Kodo detects from the content or the
 * file name. A policy cannot list them all, because every `…+xml` type is rendered as XML: `isExecutable()` checks the
 * rest after the object has been stored.
 */
const EXECUTABLE_TYPES = [
  'text/html',
  'application/xhtml+xml',
  'image/svg+xml',
  'text/xml',
  'application/xml',
  'text/xsl',
  'application/xslt+xml',
  'application/mathml+xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/rdf+xml',
  'text/javascript',
  'application/javascript',
  'application/x-javascript',
  'text/ecmascript',
  'application/ecmascript',
  'multipart/x-mixed-replace',
  'message/rfc822',
  'application/x-shockwave-flash',
];

/** The value of `ALLOWED_TYPES` that allows every type. */
export const EVERY_TYPE = '*';

const SCRIPT = /^(text|application)\/(x-)?(java|ecma|j|live)script[\d.]*$/;

/** Whether a browser that opens an object of this type executes it, or renders it as a page that can run scripts. */
export function isExecutable(type: string): boolean {
  const essence = type.split(';')[0]?.trim().toLowerCase() ?? '';
  return EXECUTABLE_TYPES.includes(essence) || /[/+]xml$/.test(essence) || SCRIPT.test(essence);
}

/**
 * Whether an object of this type may be kept. Types that browsers execute are allowed only if they are listed
 * individually, or if every type is allowed; `image/*` does not include `image/svg+xml`. Kodo checks all other types
 * with `mimeLimit`.
 */
export function isTypeAllowed(type: string, allowedTypes: string | undefined): boolean {
  if (allowedTypes === EVERY_TYPE || !isExecutable(type)) return true;
  const isListed = !(allowedTypes ?? '!').startsWith('!');
  return isListed && (allowedTypes ?? '').split(';').includes(type);
}

/**
 * Returns the policy's `mimeLimit`, which Kodo compares with the detected type. A leading `!` negates the whole list.
 *
 * Source: https://developer.qiniu.com/kodo/1206/put-policy
 */
export function mimeLimitOf(allowedTypes: string | undefined): string | undefined {
  if (allowedTypes === EVERY_TYPE) return undefined;
  if (allowedTypes === undefined) return `!${EXECUTABLE_TYPES.join(';')}`;
  return allowedTypes.startsWith('!') ? [allowedTypes, ...EXECUTABLE_TYPES].join(';') : allowedTypes;
}
