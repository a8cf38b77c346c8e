/** An answer other than success: `{"error": {"code", "message"}}` with this status. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** For programs, in kebab-case. */
  readonly code: string;
  /** Seconds after which the same request may be sent again: the answer's `Retry-After`. */
  readonly retryAfter: number | undefined;

  /** @param message for people: what is wrong, and what to do; it is shown to whoever asked */
  constructor(status: number, code: string, message: string, options: { readonly retryAfter?: number } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}
