const STEP = 1024;
const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const formatters = new Map<string, Intl.NumberFormat>();

/** Making a formatter takes longer than rendering a row does, so each is made once. */
function formatter(lang: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const name = `${lang} ${options.style} ${options.unit} ${options.maximumFractionDigits}`;
  let found = formatters.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(lang, options);
    formatters.set(name, found);
  }
  return found;
}

/** A size in the language's own way, counted by 1024 as systems and Qiniu's documents do: `1.5 MB`. */
export function formatSize(bytes: number, lang: string): string {
  if (bytes < STEP) return `${formatter(lang).format(bytes)} B`; // "5 byte" is what Intl would say
  let value = bytes;
  let step = -1;
  while (value >= STEP && step < UNITS.length - 1) {
    value /= STEP;
    step += 1;
  }
  const maximumFractionDigits = value >= 100 ? 0 : 1;
  const unit = UNITS[step] ?? 'kilobyte';
  return formatter(lang, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(value);
}

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

const clocks = new Map<string, Intl.DateTimeFormat>();

/** A time of day with seconds: `14:03:20`. @param milliseconds since 1970 */
export function formatClock(milliseconds: number, lang: string): string {
  let clock = clocks.get(lang);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat(lang, { timeStyle: 'medium' });
    clocks.set(lang, clock);
  }
  return clock.format(milliseconds);
}
