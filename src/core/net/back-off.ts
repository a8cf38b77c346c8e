/** Shortest and longest ceiling of a pause, in milliseconds. */
const SHORTEST = 1000;
const LONGEST = 30_000;

/**
 * Milliseconds to wait before the next try: exponential with full jitter, so that a thousand browsers that failed
 * together do not come back together. A server's `Retry-After` is the least it can be.
 *
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param failures how often it has failed without progress, from 1
 * @param random a number from 0 to 1
 */
export function backOffDelay(failures: number, retryAfter = 0, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST, SHORTEST * 2 ** (failures - 1));
  return Math.max(retryAfter, Math.round(random() * ceiling));
}
