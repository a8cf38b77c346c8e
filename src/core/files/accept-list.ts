import { acceptTokens } from './accept-tokens.js';
import { extensionsOfType, isProgram, mediaType, typesOfExtension } from './media-types.js';

/** Groups of equivalent extensions, which file pickers treat alike. */
const SAME_EXTENSIONS = ['jpg jpeg jpe jfif pjpeg pjp', 'tif tiff', 'htm html', 'mpg mpeg', 'mid midi', 'yml yaml'].map(
  (extensions) => extensions.split(' '),
);

/** A parsed `accept` list. */
interface AcceptList {
  /** `image/` for `image/*`; an empty string matches every type. */
  readonly families: readonly string[];
  readonly types: ReadonlySet<string>;
  /** With leading dots. */
  readonly extensions: readonly string[];
}

/** The list parsed last: a queue checks the same one for every file. */
let last: { readonly accept: string; readonly list: AcceptList } | undefined;

/**
 * Returns whether an `accept` list accepts a file.
 *
 * Follows https://html.spec.whatwg.org/multipage/input.html#attr-input-accept and accepts everything that the browser's
 * file picker offers: a file matches by the type that the browser reports, under any of its names, or by a type of its
 * extension, because browsers know only the types registered on the visitor's system. A list without valid entries
 * accepts everything.
 */
export function isAccepted({ name, type }: { readonly name: string; readonly type: string }, accept: string): boolean {
  if (last?.accept !== accept) last = { accept, list: readList(accept) };
  const { families, types, extensions } = last.list;
  const fileName = name.normalize().toLowerCase();
  if (extensions.some((extension) => fileName.endsWith(extension))) return true;
  const stated = mediaType(type);
  const known = typesOfExtension(/\.([^.]+)$/.exec(fileName)?.[1] ?? '');
  const possible = isProgram(stated) ? [stated] : [stated, ...known];
  if (possible.some((one) => types.has(one) || families.some((family) => one.startsWith(family)))) return true;
  // Android content providers name files without an extension.
  return !fileName.includes('.') && extensionsOfType(stated).some((extension) => extensions.includes(`.${extension}`));
}

function readList(accept: string): AcceptList {
  const tokens = acceptTokens(accept);
  const acceptsAll = tokens.length === 0 || tokens.includes('*/*');
  const extensions = tokens.filter((token) => token.startsWith('.'));
  const alike = extensions.flatMap(
    (token) => SAME_EXTENSIONS.find((same) => same.includes(token.slice(1)))?.map((one) => `.${one}`) ?? [],
  );
  return {
    families: acceptsAll ? [''] : tokens.filter((token) => token.endsWith('/*')).map((token) => token.slice(0, -1)),
    types: new Set(tokens.filter((token) => token.includes('/')).map(mediaType)),
    extensions: [...extensions, ...alike],
  };
}
