/** Bytes as people write them, counted by 1024. */
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

/** JSON as people read it; other text as it is. */
export function pretty(value) {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
