const FAMILIES = /^(application|audio|font|image|message|model|text|video)$/;

/**
 * The entries of an `accept` list in lower case: media types, `family/*`, `.extension`, and everything as `*` for everything.
 *
 * Lists are also understood as they are often written by mistake: entries separated by spaces or semicolons, extensions
 * without their dot or with a star (`pdf`, `*.pdf`), families without theirs (`image`), JSON. Parameters are left out.
 */
export function acceptTokens(accept: string): readonly string[] {
  return accept
    .normalize()
    .toLowerCase()
    .split(/[\s,;|，；、"'[\]]+/)
    .flatMap((entry) => {
      if (entry === '' || entry.includes('=')) return [];
      if (/^[*./]*\*[*./]*$/.test(entry)) return '*/*';
      const token = entry.replace(/^(.*\/)?\*?\./, '.');
      if (token.endsWith('/') || FAMILIES.test(token)) return `${token.replace('/', '')}/*`;
      return /[./]/.test(token) ? token : `.${token}`;
    });
}
