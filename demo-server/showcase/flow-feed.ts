import type { Response } from 'express';
import { HttpError } from '../http-error.js';

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

/** Milliseconds between two signs of life, so that no proxy takes a quiet stream for a dead one. */
const HEARTBEAT = 25_000;

/** Streams in all, and of one visitor: each is a connection. */
const MAX_STREAMS = 1000;
const MAX_FOR_VISITOR = 6;

/** Bytes that wait for a page that does not read. */
const MAX_BACKLOG = 1024 * 1024;

/** Tells each visitor's pages what happens to that visitor's uploads, while they are open: nothing of it is kept. */
export class FlowFeed {
  readonly #streams = new Map<string, Set<Response>>();
  readonly #timer = setInterval(() => this.#beat(), HEARTBEAT).unref();

  /**
   * Makes an answer a stream of server-sent events.
   *
   * @throws {HttpError} 503 where there are too many
   */
  open(visitor: string, res: Response): void {
    const streams = this.#streams.get(visitor) ?? new Set();
    const count = [...this.#streams.values()].reduce((sum, { size }) => sum + size, 0);
    if (count >= MAX_STREAMS || streams.size >= MAX_FOR_VISITOR) {
      throw new HttpError(503, 'too-many-streams', 'Too many pages are open: this one is told nothing.');
    }
    res.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // nginx would hold back what is to be seen at once
    });
    res.write('retry: 2000\n\n');
    this.#streams.set(visitor, streams.add(res));
    res.on('close', () => {
      streams.delete(res);
      if (streams.size === 0 && this.#streams.get(visitor) === streams) this.#streams.delete(visitor);
    });
  }

  tell(visitor: string, exchange: ShownExchange): void {
    for (const res of this.#streams.get(visitor) ?? []) {
      if (res.writableLength > MAX_BACKLOG) res.destroy();
      else res.write(`data: ${JSON.stringify(exchange)}\n\n`);
    }
  }

  /** Ends the streams, which nothing else would end. */
  close(): void {
    clearInterval(this.#timer);
    for (const res of [...this.#streams.values()].flatMap((streams) => [...streams])) res.end();
  }

  #beat(): void {
    for (const streams of this.#streams.values()) for (const res of streams) res.write(': \n\n');
  }
}
