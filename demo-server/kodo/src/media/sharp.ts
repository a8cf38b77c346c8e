import { findLibrary } from './optional-library.js';

/** The part of sharp that is used. */
export interface Picture {
  metadata(): Promise<{
    readonly width?: number;
    readonly height?: number;
    readonly format?: string;
    /** Colour space, e.g. `srgb`, `cmyk`, `rgb16`. */
    readonly space?: string;
    /** EXIF orientation; from 5 on, width and height are swapped. */
    readonly orientation?: number;
    /** Number of frames of an animation. */
    readonly pages?: number;
  }>;
  /** Statistics per channel; red, green and blue come first. */
  stats(): Promise<{ readonly channels: readonly { readonly mean: number }[] }>;
  rotate(): Picture;
  resize(options: Readonly<Record<string, unknown>>): Picture;
  toColourspace(space: 'srgb'): Picture;
  toFormat(format: string, options?: Readonly<Record<string, unknown>>): Picture;
  toBuffer(): Promise<Buffer>;
}

export type OpenPicture = (data: Buffer, options?: Readonly<Record<string, unknown>>) => Picture;

/**
 * Imports sharp, if installed.
 *
 * @param loss consequence of the missing library, for the warning
 */
export async function findSharp(loss: string, onWarning: (text: string) => void): Promise<OpenPicture | undefined> {
  return (await findLibrary<{ readonly default: OpenPicture }>('sharp', loss, onWarning))?.default;
}
