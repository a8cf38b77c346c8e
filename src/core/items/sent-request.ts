/** An HTTP request of an upload that has ended, successfully or not. Never contains the token. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** The form fields or JSON sent besides the file's bytes; `undefined` if there were none. */
  readonly body: unknown;
  /** Bytes of the file in the request body. */
  readonly fileBytes: number;
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** Kodo's request ID (`X-Reqid`), to quote to Qiniu's support. */
  readonly reqid: string | undefined;
  /** The response body: parsed if it is JSON, else text. */
  readonly reply: unknown;
  /** Milliseconds from the start of the request to the end of its response, without the wait for a request slot. */
  readonly duration: number;
}
