import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FaultEffect, Faults } from './faults.js';
import type { Running } from './http/connections.js';
import type { FetchTasks } from './management/fetch-tasks.js';
import type { Outbound } from './outbound/outbound.js';
import type { FinishSettings } from './upload/finish-upload.js';
import { KodoError } from './kodo-error.js';
import type { PendingBlocks } from './upload/pending-blocks.js';
import type { PendingUploads } from './upload/pending-uploads.js';
import type { Regions } from './region/regions.js';
import type { KodoRequest, RequestLog } from './request-log.js';
import type { Keys } from './policy/upload-token.js';

/** What all requests share. */
export interface Services extends FinishSettings {
  readonly keys: Keys;
  readonly uploads: PendingUploads;
  readonly blocks: PendingBlocks;
  readonly regions: Regions;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly fetchTasks: FetchTasks;
  /** What Kodo itself calls. */
  readonly outbound: Outbound;
  readonly running: Running;
  /** Ends waits when Kodo closes. */
  readonly closing: AbortSignal;
  /** Milliseconds until an archived object that was ordered can be read. */
  readonly restoreTime: number;
}

/** One request with all a handler needs. */
export interface Exchange {
  readonly req: IncomingMessage;
  /** The request's body: counted, and slowed or broken where a fault asks for it. */
  readonly body: Readable;
  readonly res: ServerResponse;
  /**
   * As sent, never normalised: a key may hold `..`, and the segment of an empty key is empty. A request to a bucket's
   * own domain has the path of a download.
   */
  readonly path: string;
  /** The path as sent, whatever the host. */
  readonly sentPath: string;
  /** Text behind the `?`, as sent. */
  readonly search: string;
  readonly query: URLSearchParams;
  readonly entry: KodoRequest;
  readonly effect: FaultEffect;
  /** Kodo's own address, as the client sees it. */
  readonly origin: string;
  readonly services: Services;
}

/** What a handler answers; the server adds CORS, the request id and the length. */
export interface Answer {
  readonly status: number;
  /** JSON, already encoded; or an object to encode. */
  readonly body: string | Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Handles one request; answers nothing where it has written its answer itself. */
export type Handler = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>;

/** The token in `Authorization: UpToken <token>`. */
export function headerToken(req: IncomingMessage): string | undefined {
  return /^UpToken (.+)$/.exec(req.headers.authorization ?? '')?.[1];
}

/**
 * A body as text.
 *
 * @param limit most bytes taken
 * @throws {KodoError} 400 for a longer one
 */
export async function readText(body: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new KodoError(400, 'invalid argument');
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON that was sent, as yet unknown. @throws {KodoError} 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new KodoError(400, 'invalid argument');
  }
}
