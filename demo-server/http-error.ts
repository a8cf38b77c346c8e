/** An answer that is no success: `{"error": {"code", "message"}}` with this status. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  /** For programs, in kebab-case. */
  readonly code: string;

  /** @param message for people: what is wrong, and what to do; it is shown to whoever asked */
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
