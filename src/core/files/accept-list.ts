import { acceptTokens } from './accept-tokens.js';
import { extensionsOfType, isProgram, mediaType, typesOfExtension } from './media-types.js';

/** Extensions of one type, which pickers do not tell apart. */
const SAME_EXTENSIONS = ['jpg jpeg jpe jfif pjpeg pjp', 'tif tiff', 'htm html', 'mpg mpeg', 'mid midi', 'yml yaml'].map(
  (extensions) => extensions.split(' '),
);

/** What an `accept` list takes. */
interface AcceptList {
  /** `image/` for `image/*`; an empty one takes everything. */
  readonly families: readonly string[];
  readonly types: ReadonlySet<string>;
  /** With their dots. */
  readonly extensions: readonly string[];
}

/** What the last list that was asked for takes: a queue asks for the same one again and again. */
let last: { readonly accept: string; readonly list: AcceptList } | undefined;

/**
 * Whether an `accept` list takes a file.
 *
 * As https://html.spec.whatwg.org/multipage/input.html#attr-input-accept says, and what the browser's picker would offer
 * as well: a file's type is what the browser states, in any of the names that are in use for it, and what its extension
 * stands for, because browsers know only the types that are registered on the visitor's system. A list with nothing
 * usable in it takes everything.
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
  // Providers of Android name files without an extension.
  return !fileName.includes('.') && extensionsOfType(stated).some((extension) => extensions.includes(`.${extension}`));
}

function readList(accept: string): AcceptList {
  const tokens = acceptTokens(accept);
  const takesAll = tokens.length === 0 || tokens.includes('*/*');
  const extensions = tokens.filter((token) => token.startsWith('.'));
  const alike = extensions.flatMap(
    (token) => SAME_EXTENSIONS.find((same) => same.includes(token.slice(1)))?.map((one) => `.${one}`) ?? [],
  );
  return {
    families: takesAll ? [''] : tokens.filter((token) => token.endsWith('/*')).map((token) => token.slice(0, -1)),
    types: new Set(tokens.filter((token) => token.includes('/')).map(mediaType)),
    extensions: [...extensions, ...alike],
  };
}
