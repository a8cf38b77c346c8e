/** Reports an error as uncaught, so that the page's error handling sees it, without interrupting the caller. */
export function reportError(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}
