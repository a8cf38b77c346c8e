import { findLibrary } from './optional-library.js';

/** As much of sharp as is used. */
export interface Picture {
  metadata(): Promise<{
    readonly width?: number;
    readonly height?: number;
    readonly format?: string;
    /** Colour space, e.g. `srgb`, `cmyk`, `rgb16`. */
    readonly space?: string;
    /** EXIF; from 5 on width and height are swapped. */
    readonly orientation?: number;
    /** Frames of an animation. */
    readonly pages?: number;
  }>;
  /** Of each channel; red, green and blue come first. */
  stats(): Promise<{ readonly channels: readonly { readonly mean: number }[] }>;
  rotate(): Picture;
  resize(options: Readonly<Record<string, unknown>>): Picture;
  toColourspace(space: 'srgb'): Picture;
  toFormat(format: string, options?: Readonly<Record<string, unknown>>): Picture;
  toBuffer(): Promise<Buffer>;
}

export type OpenPicture = (data: Buffer, options?: Readonly<Record<string, unknown>>) => Picture;

/**
 * Looks for sharp.
 *
 * @param loss what it means that it is missing
 */
export async function findSharp(loss: string, onWarning: (text: string) => void): Promise<OpenPicture | undefined> {
  return (await findLibrary<{ readonly default: OpenPicture }>('sharp', loss, onWarning))?.default;
}
