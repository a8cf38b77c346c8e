import { warnOnce } from '../shared/warn-once.js';

const FAMILIES = /^(application|audio|font|image|message|model|text|video)$/;

/**
 * Parses an `accept` list into lower-case entries: media types, `family/*`, `.extension`, and all wildcards as `*\/*`.
 *
 * Tolerates common mistakes: entries separated by spaces or semicolons, extensions without a dot or with an asterisk
 * (`pdf`, `*.pdf`), families without an asterisk (`image`), and JSON. Omits parameters and invalid entries.
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
 * Returns an `accept` list that file pickers understand: the list itself if it is valid, else the result of
 * {@link acceptTokens}, with a console warning.
 */
export function readableAccept(accept: string): string {
  const plain = accept
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const tokens = acceptTokens(accept).join();
  if (tokens === plain.join()) return accept;
  warnOnce(`accept="${accept}" is interpreted as "${tokens}". Use that value instead: browsers ignore the rest.`);
  return tokens;
}
