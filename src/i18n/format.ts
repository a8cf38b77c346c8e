import { formatter } from './format-size.js';

export { formatSize } from './format-size.js';

/** Width and height of a picture: `200 × 300`, a dash where one does not matter. */
export function formatPixels({ width, height }: { readonly width?: number; readonly height?: number }): string {
  return `${width ?? '–'} × ${height ?? '–'}`;
}

/** A whole percentage, rounded down: never `100%` before the end. */
export function formatPercent(percent: number, lang: string): string {
  return formatter(lang, { style: 'percent' }).format(Math.floor(percent) / 100);
}

const MINUTE = 60;
const HOUR = 3600;

/** A time to come, in its largest unit, rounded up: `12 sec`, `3 min`. */
export function formatTime(seconds: number, lang: string): string {
  const [value, unit] =
    seconds < MINUTE ? [seconds, 'second'] : seconds < HOUR ? [seconds / MINUTE, 'minute'] : [seconds / HOUR, 'hour'];
  return formatter(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(Math.max(1, Math.ceil(value)));
}
