/**
 * An error response as Kodo sends it: the HTTP status, and the text in `{"error": "…"}`.
 *
 * Statuses and texts: https://developer.qiniu.com/kodo/3928/error-responses, and responses recorded by users.
 */
export class KodoError extends Error {
  override readonly name = 'KodoError';
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

const TEXTS: Readonly<Record<number, string>> = {
  400: 'invalid argument',
  401: 'bad token',
  403: "key doesn't match with scope",
  404: 'Document not found',
  405: 'method not allowed',
  406: 'crc32 check error',
  413: 'exceed FsizeLimit',
  414: 'key too long',
  419: 'account is disabled',
  502: 'bad gateway',
  503: 'service unavailable',
  504: 'gateway timeout',
  573: 'too many requests',
  599: 'server operation failed',
  612: 'no such uploadId',
  614: 'file exists',
  631: 'no such bucket',
  701: 'block 0: invalid context',
};

/** Kodo's most likely text for a status, for faults that specify only a status. */
export function textOfStatus(status: number): string {
  return TEXTS[status] ?? 'fault on order';
}
