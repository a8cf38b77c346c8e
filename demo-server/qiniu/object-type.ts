/**
 * Types that browsers run, or render as a page that can run scripts, and that Kodo finds in content or takes from a
 * file's name. A policy cannot name them all, because every `…+xml` is rendered as XML: `isRunnable()` judges the rest
 * once the object is stored.
 */
const RUNNABLE = [
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

/** Whether a browser that is sent to an object of this type runs it, or renders it as a page that can run scripts. */
export function isRunnable(type: string): boolean {
  const essence = type.split(';')[0]?.trim().toLowerCase() ?? '';
  return RUNNABLE.includes(essence) || /[/+]xml$/.test(essence) || SCRIPT.test(essence);
}

/**
 * Whether an object of this type may be kept: types that browsers run only where they are named one by one, or where
 * every type is allowed. `image/*` does not name `image/svg+xml`.
 *
 * Everything else is Kodo's to judge, by `mimeLimit`.
 */
export function isTypeAllowed(type: string, allowedTypes: string | undefined): boolean {
  if (allowedTypes === EVERY_TYPE || !isRunnable(type)) return true;
  const isListed = !(allowedTypes ?? '!').startsWith('!');
  return isListed && (allowedTypes ?? '').split(';').includes(type);
}

/**
 * The policy's `mimeLimit`, which Kodo compares with what it finds in the content. A leading `!` negates the whole list.
 *
 * Source: https://developer.qiniu.com/kodo/1206/put-policy
 */
export function mimeLimitOf(allowedTypes: string | undefined): string | undefined {
  if (allowedTypes === EVERY_TYPE) return undefined;
  if (allowedTypes === undefined) return `!${RUNNABLE.join(';')}`;
  return allowedTypes.startsWith('!') ? [allowedTypes, ...RUNNABLE].join(';') : allowedTypes;
}
