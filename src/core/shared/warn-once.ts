const warned = new Set<string>();

/** Says something to the developer in the console, once a page for each text. */
export function warnOnce(text: string): void {
  if (warned.has(text)) return;
  warned.add(text);
  console.warn(`qiniu-uploader: ${text}`);
}
