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

/** Services shared by all requests. */
export interface Services extends FinishSettings {
  readonly keys: Keys;
  readonly uploads: PendingUploads;
  readonly blocks: PendingBlocks;
  readonly regions: Regions;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly fetchTasks: FetchTasks;
  /** Client for the requests that Kodo itself sends. */
  readonly outbound: Outbound;
  readonly running: Running;
  /** Aborts pending waits when Kodo closes. */
  readonly closing: AbortSignal;
  /** Milliseconds from a restore request until the archived object is readable. */
  readonly restoreTime: number;
}

/** One request, with everything that a handler needs. */
export interface Exchange {
  readonly req: IncomingMessage;
  /** The request body; bytes are counted, and a fault may slow it down or break it off. */
  readonly body: Readable;
  readonly res: ServerResponse;
  /**
   * Path as sent, never normalized: a key may contain `..`, and the segment of an empty key is empty. For a request
   * to a bucket's own domain, the path of the equivalent download.
   */
  readonly path: string;
  /** Path as sent, whatever the host. */
  readonly sentPath: string;
  /** Query string after the `?`, as sent. */
  readonly search: string;
  readonly query: URLSearchParams;
  readonly entry: KodoRequest;
  readonly effect: FaultEffect;
  /** Kodo's own origin, as the client sees it. */
  readonly origin: string;
  readonly services: Services;
}

/** A handler's response; the server adds the CORS headers, the request id and the length. */
export interface Answer {
  readonly status: number;
  /** A JSON string or buffer, or an object to serialize. */
  readonly body: string | Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Handles one request; returns nothing if it has written the response itself. */
export type Handler = (exchange: Exchange) => Answer | undefined | Promise<Answer | undefined>;

/** The token in `Authorization: UpToken <token>`. */
export function headerToken(req: IncomingMessage): string | undefined {
  return /^UpToken (.+)$/.exec(req.headers.authorization ?? '')?.[1];
}

/**
 * Reads a body as text.
 *
 * @param limit maximum size in bytes
 * @throws {KodoError} 400 if the body is larger
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

/** Parses JSON from a request. @throws {KodoError} 400 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new KodoError(400, 'invalid argument');
  }
}
