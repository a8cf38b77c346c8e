/**
 * What names are compared by when they are searched: the same for texts that a visitor takes for the same.
 *
 * That is: composed or not (macOS gives names in NFD), upper or lower case in any language (`ß` and `SS`, `ς` and `Σ`,
 * and all four letters i of Turkish), full or half width, and with or without characters that cannot be seen.
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
