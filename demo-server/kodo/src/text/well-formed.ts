/// <reference lib="es2024.string" />

/** Text as Go has it: half a surrogate pair, which JSON can escape but UTF-8 cannot hold, becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
