/**
 * The database cannot be reached, does not answer in time, or has no room. The statement may or may not have been
 * carried out, so only statements that can be repeated without harm may be sent again.
 *
 * The HTTP layer answers it with 503 and `Retry-After`.
 */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError';
}
