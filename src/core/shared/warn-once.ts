const warned = new Set<string>();

/** Logs a console warning, once per page for each text. */
export function warnOnce(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  console.warn(`qiniu-uploader: ${text}`);
}
