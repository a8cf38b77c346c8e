/** An invalid command line; the message names the argument. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
