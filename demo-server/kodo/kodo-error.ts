/**
 * A refusal in Kodo's words: the status as it goes over the wire, and the text in `{"error": "…"}`.
 *
 * Statuses and texts: https://developer.qiniu.com/kodo/3928/error-responses, and answers recorded by users.
 */
export class KodoError extends Error {
  override readonly name = 'KodoError';
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}
