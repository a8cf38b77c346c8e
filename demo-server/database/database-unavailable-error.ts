/**
 * The database cannot be reached, does not respond in time, or is full. The statement may or may not have been
 * executed, so only idempotent statements may be retried.
 *
 * The HTTP layer responds with 503 and `Retry-After`.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}
