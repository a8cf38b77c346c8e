const libraries = new Map<string, Promise<unknown>>();

/** What each listener has been told. */
const told = new WeakMap<(text: string) => void, Set<string>>();

/**
 * Looks a library up at run time, since the local Kodo also works without; the caller states what it exports.
 *
 * @param loss what it means that the library is missing, which a listener is told once
 */
export async function findLibrary<Library>(
  name: string,
  loss: string,
  onWarning: (text: string) => void,
): Promise<Library | undefined> {
  const looked = libraries.get(name) ?? import(name).catch(() => undefined);
  libraries.set(name, looked);
  const library = (await looked) as Library | undefined;
  if (library === undefined) warnOnce(`${loss}: ${name} is not installed.`, onWarning);
  return library;
}

function warnOnce(text: string, onWarning: (text: string) => void): void {
  const texts = told.get(onWarning) ?? new Set();
  told.set(onWarning, texts);
  if (texts.has(text)) return;
  texts.add(text);
  onWarning(text);
}
