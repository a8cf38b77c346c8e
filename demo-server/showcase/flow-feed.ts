import type { Response } from 'express';
import { HttpError } from '../web/http-error.js';

/** A request to this server and its response for display on the page, without cookies, tokens and signatures. */
export interface ShownExchange {
  /** Step of the upload flow. */
  readonly step: 'token' | 'callback' | 'confirm';
  /** The upload's id, if known. */
  readonly id: string | undefined;
  /** When the request arrived, in milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds until the response was sent. */
  readonly duration: number;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Parsed JSON, or the raw text. */
    readonly body: unknown;
  };
  readonly reply: { readonly status: number; readonly body: unknown };
  /** The token's put policy, which anyone who has the token can read. */
  readonly policy?: unknown;
}

/** Milliseconds between two comments that keep proxies from closing an idle stream. */
const HEARTBEAT = 25_000;

/**
 * Maximum number of streams in total, per visitor, and per IP address. Each is a connection. All tabs of a browser
 * share one stream, and an office may share one IP address.
 */
const MAX_STREAMS = 1000;
const MAX_FOR_VISITOR = 6;
const MAX_FOR_ADDRESS = 60;

/** `Retry-After` in seconds if there are too many streams. */
const RETRY_AFTER = 30;

/** Maximum number of buffered bytes for a page that does not read its stream. */
const MAX_BACKLOG = 1024 * 1024;

interface Listener {
  readonly visitor: string;
  readonly address: string;
}

/** Sends the requests of each visitor's uploads to the open pages of that visitor. Nothing is stored. */
export class FlowFeed {
  readonly #streams = new Map<Response, Listener>();
  readonly #timer = setInterval(() => this.#sendHeartbeat(), HEARTBEAT).unref();

  /**
   * Turns a response into a stream of server-sent events.
   *
   * @throws {HttpError} 503 if there are too many streams
   */
  open(listener: Listener, res: Response): void {
    const others = [...this.#streams.values()];
    const ofVisitor = others.filter(({ visitor }) => visitor === listener.visitor);
    const ofAddress = others.filter(({ address }) => address === listener.address);
    if (others.length >= MAX_STREAMS || ofVisitor.length >= MAX_FOR_VISITOR || ofAddress.length >= MAX_FOR_ADDRESS) {
      throw new HttpError(
        503,
        'too-many-streams',
        'Too many pages are open. This page cannot show the requests to the server.',
        {
          retryAfter: RETRY_AFTER,
        },
      );
    }
    res.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // keeps nginx from buffering the stream
    });
    res.write('retry: 2000\n\n');
    this.#streams.set(res, listener);
    res.on('close', () => this.#streams.delete(res));
  }

  /** Sends an exchange to all open pages of a visitor. */
  send(visitor: string, exchange: ShownExchange): void {
    for (const [res, listener] of this.#streams) {
      if (listener.visitor !== visitor) continue;
      if (res.writableLength > MAX_BACKLOG) res.destroy();
      else res.write(`data: ${JSON.stringify(exchange)}\n\n`);
    }
  }

  /** Ends all streams. */
  close(): void {
    clearInterval(this.#timer);
    for (const res of this.#streams.keys()) res.end();
  }

  #sendHeartbeat(): void {
    for (const res of this.#streams.keys()) res.write(': \n\n');
  }
}
