import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { BucketUnavailableError } from '../qiniu/bucket.js';
import { DatabaseUnavailableError } from '../database/database-unavailable-error.js';
import { HttpError } from './http-error.js';

/** `Retry-After` in seconds if the database or the bucket is unavailable. */
const RETRY_AFTER = 5;

/**
 * Error handler that sends every error as JSON: with its message if it is meant for the client, otherwise without
 * details. Only server errors are logged as errors.
 */
export function errorAnswer(logger: Logger): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express requires four parameters
  return (error: unknown, _req, res, _next): void => {
    if (res.headersSent) {
      // Part of the response has been sent: closing the connection shows that it is incomplete. A disconnect is not an
      // error.
      if (!res.destroyed) logger.error({ err: error }, 'a response was aborted');
      res.destroy();
      return;
    }
    const answer = describe(error);
    if (error instanceof DatabaseUnavailableError) logger.error({ err: error }, 'the database is unavailable');
    else if (error instanceof BucketUnavailableError) logger.error({ err: error }, 'Kodo is unavailable');
    else if (answer.status >= 500 && !(error instanceof HttpError)) logger.error({ err: error }, 'request failed');
    const { status, code, message, retryAfter } = answer;
    if (retryAfter !== undefined) res.set('retry-after', String(retryAfter));
    res.status(status).set('cache-control', 'no-store').json({ error: { code, message } });
  };
}

function describe(error: unknown): Pick<HttpError, 'status' | 'code' | 'message' | 'retryAfter'> {
  if (error instanceof HttpError) return error;
  if (error instanceof DatabaseUnavailableError) {
    return new HttpError(503, 'database-unavailable', 'The database is unavailable. Try again in a few seconds.', {
      retryAfter: RETRY_AFTER,
    });
  }
  if (error instanceof BucketUnavailableError) {
    return new HttpError(
      503,
      'storage-unavailable',
      'The storage service is unavailable. Try again in a few seconds.',
      {
        retryAfter: RETRY_AFTER,
      },
    );
  }
  return (
    clientsFault(error) ?? new HttpError(500, 'server-error', 'Something went wrong on the server. Try again later.')
  );
}

/**
 * What Express, its parsers and its static files say of a bad request: errors of `http-errors` with a 4xx status, among
 * them an unknown charset, a broken encoding, a malformed escape in the path, an impossible range.
 *
 * Source: https://expressjs.com/en/resources/middleware/body-parser.html#errors
 */
function clientsFault(error: unknown): HttpError | undefined {
  const { status, type, name } = (error ?? {}) as {
    readonly status?: unknown;
    readonly type?: unknown;
    readonly name?: unknown;
  };
  switch (type) {
    case 'entity.too.large':
      return new HttpError(413, 'too-large', 'The request is too large.');
    case 'entity.parse.failed':
      return new HttpError(400, 'bad-request', 'The body is not JSON.');
    case 'encoding.unsupported':
      return new HttpError(415, 'bad-request', 'The body must not be compressed.');
    case 'charset.unsupported':
      return new HttpError(415, 'bad-request', 'The body must be UTF-8.');
  }
  if (name === 'RangeNotSatisfiableError') return new HttpError(416, 'bad-range', 'The range is not in the file.');
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (status === 404) return new HttpError(404, 'not-found', 'There is nothing at this address.');
  return new HttpError(status, 'bad-request', 'The request is malformed.');
}
