/** Minimum and maximum ceiling of the delay, in milliseconds. */
const SHORTEST = 1000;
const LONGEST = 30_000;

/**
 * Returns the milliseconds to wait before the next attempt: exponential back-off with full jitter, so that clients that
 * failed together do not retry together. Never shorter than the server's `Retry-After`.
 *
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures consecutive failures without progress, at least 1
 * @param retryAfter milliseconds
 * @param random returns a number from 0 to 1
 */
export function backOffDelay(failures: number, retryAfter = 0, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST, SHORTEST * 2 ** (failures - 1));
  return Math.max(retryAfter, Math.round(random() * ceiling));
}
