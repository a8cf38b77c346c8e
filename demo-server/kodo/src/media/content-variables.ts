import { averageColourOf } from './average-colour.js';
import type { Content } from './content.js';
import { exifOf } from './exif.js';
import { imageInfoOf } from './image-info.js';
import { mediaVariableOf } from './media-info.js';
import { namesIn, type Variable } from '../text/variables.js';

const READERS: Readonly<Record<string, (content: Content, onWarning: (text: string) => void) => Promise<Variable>>> = {
  imageInfo: imageInfoOf,
  exif: exifOf,
  imageAve: averageColourOf,
  avinfo: mediaVariableOf,
};

/** The variables that are read from the content, which takes time: only those that a template uses. */
export async function contentVariables(
  templates: readonly (string | undefined)[],
  content: Content,
  onWarning: (text: string) => void,
): Promise<Readonly<Record<string, Variable>>> {
  const named = new Set(templates.flatMap((template = '') => namesIn(template).map((name) => name.split('.')[0])));
  const wanted = Object.entries(READERS).filter(([name]) => named.has(name));
  return Object.fromEntries(
    await Promise.all(wanted.map(async ([name, read]) => [name, await read(content, onWarning)] as const)),
  );
}
