import { readPicture, type Content } from './content.js';
import { isPicture } from './image-info.js';
import { findSharp } from './sharp.js';

/** What `$(imageAve)` holds. */
export type AverageColour = Readonly<{
  /** E.g. `0x85694d`. */
  RGB: string;
}>;

/**
 * The average colour of a picture, an animation's first frame; transparency does not count. Nothing for what is no
 * picture.
 */
export async function averageColourOf(
  content: Content,
  onWarning: (text: string) => void,
): Promise<AverageColour | undefined> {
  if (!isPicture(content.head)) return undefined;
  const open = await findSharp('imageAve is absent', onWarning);
  const data = open === undefined ? undefined : await readPicture(content);
  if (open === undefined || data === undefined) return undefined;
  try {
    const { space } = await open(data).metadata();
    // The means are those of the file as it is: CMYK and 16 bits a channel are to become 8 bits of RGB first.
    const rgb = space === 'srgb' ? data : await open(data).toColourspace('srgb').toFormat('png').toBuffer();
    const { channels } = await open(rgb).stats();
    const hex = channels.slice(0, 3).map(({ mean }) => Math.round(mean).toString(16).padStart(2, '0'));
    return { RGB: `0x${hex.join('')}` };
  } catch {
    return undefined; // a damaged one
  }
}
