import type { Response } from 'express';
import { HttpError } from '../web/http-error.js';

/** A request to this server and its answer, as the page may show them: no cookie, no token, no signature. */
export interface ShownExchange {
  /** Which of the flow's steps it is. */
  readonly step: 'token' | 'callback' | 'confirm';
  /** The upload's id, where one is known. */
  readonly id: string | undefined;
  /** When the request came, in milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds until it was answered. */
  readonly duration: number;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** JSON, or the text as it came. */
    readonly body: unknown;
  };
  readonly reply: { readonly status: number; readonly body: unknown };
  /** What a token's put policy says, which everybody who has it can read. */
  readonly policy?: unknown;
}

/** Milliseconds between two comments, so that no proxy takes a quiet stream for a dead one. */
const HEARTBEAT = 25_000;

/**
 * Streams in all, of one visitor, and of one address: each is a connection. All tabs of a browser share one, so a
 * visitor has as many as browsers with the same cookie; behind one address there may be an office.
 */
const MAX_STREAMS = 1000;
const MAX_FOR_VISITOR = 6;
const MAX_FOR_ADDRESS = 60;

/** Seconds after which there may be room for another stream. */
const RETRY = 30;

/** Bytes that wait for a page that does not read. */
const MAX_BACKLOG = 1024 * 1024;

interface Listener {
  readonly visitor: string;
  readonly address: string;
}

/** Sends each visitor's pages what happens to that visitor's uploads, while they are open: nothing of it is kept. */
export class FlowFeed {
  readonly #streams = new Map<Response, Listener>();
  readonly #timer = setInterval(() => this.#beat(), HEARTBEAT).unref();

  /**
   * Makes an answer a stream of server-sent events.
   *
   * @throws {HttpError} 503 where there are too many
   */
  open(listener: Listener, res: Response): void {
    const others = [...this.#streams.values()];
    const ofVisitor = others.filter(({ visitor }) => visitor === listener.visitor);
    const ofAddress = others.filter(({ address }) => address === listener.address);
    if (others.length >= MAX_STREAMS || ofVisitor.length >= MAX_FOR_VISITOR || ofAddress.length >= MAX_FOR_ADDRESS) {
      throw new HttpError(
        503,
        'too-many-streams',
        'Too many pages are open. This one does not show what the server does.',
        {
          retryAfter: RETRY,
        },
      );
    }
    res.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // nginx would hold back what is to be seen at once
    });
    res.write('retry: 2000\n\n');
    this.#streams.set(res, listener);
    res.on('close', () => this.#streams.delete(res));
  }

  tell(visitor: string, exchange: ShownExchange): void {
    for (const [res, listener] of this.#streams) {
      if (listener.visitor !== visitor) continue;
      if (res.writableLength > MAX_BACKLOG) res.destroy();
      else res.write(`data: ${JSON.stringify(exchange)}\n\n`);
    }
  }

  /** Ends the streams, which nothing else would end. */
  close(): void {
    clearInterval(this.#timer);
    for (const res of this.#streams.keys()) res.end();
  }

  #beat(): void {
    for (const res of this.#streams.keys()) res.write(': \n\n');
  }
}
