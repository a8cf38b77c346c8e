const libraries = new Map<string, Promise<unknown>>();

/** The warnings that each listener has received. */
const warned = new WeakMap<(text: string) => void, Set<string>>();

/**
 * Imports an optional library at run time; the caller declares the type of its exports.
 *
 * @param loss consequence of the missing library, reported to each listener once
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
  const texts = warned.get(onWarning) ?? new Set();
  warned.set(onWarning, texts);
  if (texts.has(text)) return;
  texts.add(text);
  onWarning(text);
}
