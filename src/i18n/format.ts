import { formatter } from './format-size.js';

/** Formats a percentage, 0 to 100, rounded down to a whole number so that `100%` means complete. */
export function formatPercent(percent: number, lang: string): string {
  return formatter(lang, { style: 'percent' }).format(Math.floor(percent) / 100);
}

const MINUTE = 60;
const HOUR = 3600;

/** Formats a remaining time in seconds in its largest unit, rounded up: `12 sec`, `3 min`. */
export function formatTime(seconds: number, lang: string): string {
  const [value, unit] =
    seconds < MINUTE ? [seconds, 'second'] : seconds < HOUR ? [seconds / MINUTE, 'minute'] : [seconds / HOUR, 'hour'];
  return formatter(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(Math.max(1, Math.ceil(value)));
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Formats a time of day with seconds: `14:03:20`. @param milliseconds since 1970 */
export function formatClock(milliseconds: number, lang: string): string {
  let clock = clocks.get(lang);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat(lang, { timeStyle: 'medium' });
    clocks.set(lang, clock);
  }
  return clock.format(milliseconds);
}
