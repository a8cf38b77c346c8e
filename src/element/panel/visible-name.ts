import { html, type TemplateResult } from 'lit';

/**
 * Invisible characters, and characters that change the text direction: with a right-to-left override, `photo` + U+202E +
 * `gpj.exe` reads "photoexe.jpg". Excludes variation selectors, which only select a glyph.
 */
const HIDDEN =
  /(?![\u180B-\u180D\u180F\uFE00-\uFE0F\u{E0100}-\u{E01EF}])[\p{Cc}\p{DI}\u2028\u2029\u2800\uFFF9-\uFFFB]/gu;

/** Valid before a joiner: part of an emoji sequence, or a letter of a script that uses joiners. */
const BEFORE_JOINER =
  /[\p{ExtPict}\p{EMod}\uFE0F\p{M}\p{sc=Arab}\p{sc=Syrc}\p{sc=Mong}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}]/u;

const AFTER_JOINER = /[\p{ExtPict}\p{L}\p{M}]/u;

const TAG = /[\u{E0020}-\u{E007F}]/u;

/** Valid before a tag: a black flag, which tags turn into a regional flag such as Scotland's. */
const FLAG = /\u{1F3F4}[\u{E0020}-\u{E007F}]*$/u;

/** A part of a name: text, or the code point of a hidden character, e.g. `U+202E`. */
type Part = { readonly text: string } | { readonly codePoint: string };

function partsOf(name: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const { 0: character, index } of name.matchAll(HIDDEN)) {
    const next = index + character.length;
    if (isLegitimate(character, name.slice(0, index), name.slice(next))) continue;
    if (index > end) parts.push({ text: name.slice(end, index) });
    const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    parts.push({ codePoint: `U+${hex}` });
    end = next;
  }
  if (end < name.length) parts.push({ text: name.slice(end) });
  return parts;
}

/** Whether a script or an emoji requires this character. */
function isLegitimate(character: string, before: string, after: string): boolean {
  if (character !== '\u200C' && character !== '\u200D') return TAG.test(character) && FLAG.test(before);
  const [last = '', first = ''] = [[...before].at(-1), [...after].at(0)];
  return BEFORE_JOINER.test(last) && AFTER_JOINER.test(first);
}

/** Returns a file name as plain text, with hidden characters as `[U+202E]`: for titles, labels and announcements. */
export function visibleName(name: string): string {
  return partsOf(name)
    .map((part) => ('text' in part ? part.text : `[${part.codePoint}]`))
    .join('');
}

/** Renders a file name, with each hidden character as a small mark. */
export function visibleNameView(name: string): TemplateResult {
  return html`<bdi
    >${partsOf(name).map((part) =>
      'text' in part ? part.text : html`<span class="code-point">${part.codePoint}</span>`,
    )}</bdi
  >`;
}
