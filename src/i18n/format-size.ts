const STEP = 1024;
const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const formatters = new Map<string, Intl.NumberFormat>();

/** Making a formatter takes longer than rendering a row does, so each is made once. */
export function formatter(lang: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
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
