/// <reference lib="es2024.string" />

/** Replaces lone surrogates, which JSON can escape but UTF-8 cannot encode, with U+FFFD, as Go does. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
