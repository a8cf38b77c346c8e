import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FinishSettings } from './finish-upload.js';
import type { KodoRequest } from './request-log.js';
import type { Keys } from './upload-token.js';

/** One request with all a handler needs. */
export interface Exchange {
  readonly req: IncomingMessage;
  /** The request's body: counted, and slowed or broken where a fault asks for it. */
  readonly body: Readable;
  readonly res: ServerResponse;
  readonly url: URL;
  readonly entry: KodoRequest;
  readonly keys: Keys;
  /** Kodo's own address, as the client sees it. */
  readonly origin: string;
  readonly settings: FinishSettings;
}

/** What a handler answers; the server adds CORS, the request id and the length. */
export interface Answer {
  readonly status: number;
  /** JSON text, already encoded; or an object to encode. */
  readonly body: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The token in `Authorization: UpToken <token>`. */
export function headerToken(req: IncomingMessage): string | undefined {
  return /^UpToken (.+)$/.exec(req.headers.authorization ?? '')?.[1];
}
