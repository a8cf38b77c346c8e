const [DAY, OFFSET] = [86_400_000, 8 * 3_600_000];

/** The first midnight in China at or after this many days, in milliseconds since 1970, as Kodo counts them. */
export function midnightAfter(now: number, days: number): number {
  return Math.ceil((now + OFFSET + days * DAY) / DAY) * DAY - OFFSET;
}
