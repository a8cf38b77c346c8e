const STEP = 1024;
const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const formatters = new Map<string, Intl.NumberFormat>();

/** Returns a cached `Intl.NumberFormat`: creating one takes longer than rendering a row. */
export function formatter(lang: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const name = `${lang} ${options.style} ${options.unit} ${options.maximumFractionDigits}`;
  let found = formatters.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(lang, options);
    formatters.set(name, found);
  }
  return found;
}

/** Formats a size for a locale, in units of 1024 as operating systems and Qiniu's documentation do: `1.5 MB`. */
export function formatSize(bytes: number, lang: string): string {
  if (bytes < STEP) return `${formatter(lang).format(bytes)} B`; // Intl would write "5 byte"
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

/** Formats an image's width and height: `200 × 300`, with a dash for a missing dimension. */
export function formatPixels({ width, height }: { readonly width?: number; readonly height?: number }): string {
  return `${width ?? '–'} × ${height ?? '–'}`;
}
