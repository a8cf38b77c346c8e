/**
 * Normalizes a text for searching, so that texts that look the same compare as equal.
 *
 * Ignores differences in composition (macOS returns names in NFD), case in any language (`ß` and `SS`, `ς` and `Σ`, all
 * four Turkish letters i), full and half width, and invisible characters.
 */
export function findKey(text: string): string {
  return text
    .replace(/[\p{Cc}\p{DI}]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .normalize('NFKC')
    .replaceAll('İ', 'I')
    .trim();
}
