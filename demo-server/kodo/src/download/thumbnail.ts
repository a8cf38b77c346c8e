import type { Processed, ProcessingSettings } from './processed.js';
import { KodoError } from '../kodo-error.js';
import { findSharp } from '../media/sharp.js';

/** An `imageView2` command. */
export interface Thumbnail {
  /** Modes 0, 4 and 5 measure the long and short edge, the others width and height. */
  readonly mode: number;
  /** Width or long edge, in pixels. */
  readonly w: number | undefined;
  /** Height or short edge, in pixels. */
  readonly h: number | undefined;
  readonly format: Format | undefined;
  /** 1 to 100. Default 75. */
  readonly quality: number;
  readonly interlace: boolean;
}

const FORMATS = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', gif: 'gif', webp: 'webp', avif: 'avif' } as const;

type Format = (typeof FORMATS)[keyof typeof FORMATS];

/** Maximum edge length of a result, in pixels. */
const MAX_EDGE = 9999;

/** Parses `imageView2/<mode>/w/<n>/h/<n>/format/<f>/interlace/<0|1>/q/<n>`. @throws {KodoError} 400 */
export function readThumbnail(command: string): Thumbnail {
  const [, mode = '', ...pairs] = command.split('/');
  const fields = new Map<string, string>();
  for (let index = 0; index < pairs.length; index += 2) fields.set(pairs[index] ?? '', pairs[index + 1] ?? '');
  const known = ['w', 'h', 'format', 'interlace', 'q', 'colors', 'ignore-error'];
  const [w, h] = [readEdge(fields.get('w')), readEdge(fields.get('h'))];
  const isKnown = [...fields.keys()].every((name) => known.includes(name));
  if (!/^[0-5]$/.test(mode) || !isKnown || (w ?? h) === undefined) throw invalid();
  const quality = /^(\d{1,3})!?$/.exec(fields.get('q') ?? '75')?.[1];
  if (quality === undefined || Number(quality) < 1 || Number(quality) > 100) throw invalid();
  const format = readFormat(fields.get('format'));
  return { mode: Number(mode), w, h, format, quality: Number(quality), interlace: fields.get('interlace') === '1' };
}

/**
 * Creates a thumbnail, never larger than the original.
 *
 * @throws {KodoError} 400 if the object is not an image
 */
export async function makeThumbnail(
  data: Buffer,
  thumbnail: Thumbnail,
  mimeType: string,
  services: Pick<ProcessingSettings, 'onWarning'>,
): Promise<Processed> {
  const open = await findSharp('imageView2 returns the original image', services.onWarning);
  if (open === undefined) return { data, mimeType };
  try {
    const { width = 1, height = 1, format: own, orientation = 1 } = await open(data).metadata();
    const format = thumbnail.format ?? readFormat(own === 'svg' ? 'png' : own) ?? 'jpeg';
    const animated = format === 'gif' || format === 'webp';
    const options = { quality: thumbnail.quality, ...(format === 'jpeg' ? { progressive: thumbnail.interlace } : {}) };
    const result = open(data, { animated })
      .rotate()
      .resize({ ...boxOf(thumbnail, orientation < 5 ? width >= height : height >= width), withoutEnlargement: true })
      .toFormat(format, options);
    return { data: await result.toBuffer(), mimeType: `image/${format}` };
  } catch (error) {
    services.onWarning(`imageView2: ${String(error)}`);
    throw new KodoError(400, 'unsupported format');
  }
}

/** The target box of a mode, and how the image fits into it. */
function boxOf({ mode, w, h }: Thumbnail, isLandscape: boolean): Readonly<Record<string, unknown>> {
  const inEdges = mode === 0 || mode === 4 || mode === 5;
  const [width, height] = inEdges && !isLandscape ? [h, w] : [w, h];
  // For a minimum size, a single number applies to both dimensions.
  if (mode === 0 || mode === 2) return { width, height, fit: 'inside' };
  const both = { width: width ?? height, height: height ?? width };
  return { ...both, fit: mode === 1 || mode === 5 ? 'cover' : 'outside' };
}

function readEdge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > MAX_EDGE) throw invalid();
  return Number(text);
}

function readFormat(text: string | undefined): Format | undefined {
  if (text === undefined) return undefined;
  if (!Object.hasOwn(FORMATS, text)) throw invalid();
  return FORMATS[text as keyof typeof FORMATS];
}

function invalid(): KodoError {
  return new KodoError(400, 'invalid argument');
}
