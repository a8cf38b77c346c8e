import { readPicture, type Content } from './content.js';
import { isPicture } from './image-info.js';
import { findSharp } from './sharp.js';

/** The value of `$(imageAve)`. */
export type AverageColour = Readonly<{
  /** E.g. `0x85694d`. */
  RGB: string;
}>;

/**
 * The average colour of an image, or of an animation's first frame, ignoring transparency. `undefined` if the content
 * is not an image.
 */
export async function averageColourOf(
  content: Content,
  onWarning: (text: string) => void,
): Promise<AverageColour | undefined> {
  if (!isPicture(content.head)) return undefined;
  const open = await findSharp('imageAve is unavailable', onWarning);
  const data = open === undefined ? undefined : await readPicture(content);
  if (open === undefined || data === undefined) return undefined;
  try {
    const { space } = await open(data).metadata();
    // The statistics describe the file as stored: convert CMYK and 16 bits per channel to 8-bit RGB first.
    const rgb = space === 'srgb' ? data : await open(data).toColourspace('srgb').toFormat('png').toBuffer();
    const { channels } = await open(rgb).stats();
    const hex = channels.slice(0, 3).map(({ mean }) => Math.round(mean).toString(16).padStart(2, '0'));
    return { RGB: `0x${hex.join('')}` };
  } catch {
    return undefined; // a damaged image
  }
}
