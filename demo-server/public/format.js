/** Formats a size in bytes, with units based on 1024. */
export function formatSize(bytes, language) {
  if (bytes < 1024) return `${bytes} B`;
  const [unit, divisor] = bytes < 1024 ** 2 ? ['kilobyte', 1024] : ['megabyte', 1024 ** 2];
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, options).format(bytes / divisor);
}

export function formatMilliseconds(milliseconds, language) {
  const options = { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumFractionDigits: 0 };
  return new Intl.NumberFormat(language, options).format(milliseconds);
}

/** Returns strings unchanged and other values as indented JSON. */
export function pretty(value) {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
