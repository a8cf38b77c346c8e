/** A command line that cannot be followed; the message says which part. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
