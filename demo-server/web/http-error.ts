/** An error response with this status and the body `{"error": {"code", "message"}}`. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** Machine-readable code in kebab-case. */
  readonly code: string;
  /** Value of the `Retry-After` header, in seconds. */
  readonly retryAfter: number | undefined;

  /** @param message says what is wrong and what to do; it is sent to the client */
  constructor(status: number, code: string, message: string, options: { readonly retryAfter?: number } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}
