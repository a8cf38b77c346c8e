import { warnOnce } from '../shared/warn-once.js';

const FAMILIES = /^(application|audio|font|image|message|model|text|video)$/;

/**
 * The entries of an `accept` list in lower case: media types, `family/*`, `.extension`, and everything as `*` for everything.
 *
 * Lists are also understood as they are often written by mistake: entries separated by spaces or semicolons, extensions
 * without their dot or with a star (`pdf`, `*.pdf`), families without theirs (`image`), JSON. Parameters, and what is
 * none of these, are left out.
 */
export function acceptTokens(accept: string): readonly string[] {
  return accept
    .normalize()
    .toLowerCase()
    .split(/[\s,;|，；、"'[\]]+/)
    .flatMap((entry) => {
      if (entry === '' || entry.includes('=')) return [];
      if (/^[*./]*\*[*./]*$/.test(entry)) return '*/*';
      const token = entry.replace(/^(.*\/)?\*?\./, '.');
      if (token.endsWith('/') || FAMILIES.test(token)) return `${token.replace('/', '')}/*`;
      return /[./]/.test(token) ? token : `.${token}`;
    })
    .filter((token) => /^(\.[^/*]+|[^/*]+\/([^/*]+|\*)|\*\/\*)$/.test(token));
}

/**
 * An `accept` list in the form that pickers read: as it is, or what {@link acceptTokens} makes of it, which is said once
 * in the console.
 */
export function readableAccept(accept: string): string {
  const plain = accept
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const tokens = acceptTokens(accept).join();
  if (tokens === plain.join()) return accept;
  warnOnce(`accept="${accept}" is read as "${tokens}". Write it that way: browsers do not understand the rest.`);
  return tokens;
}
