import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { readJson } from '../text/json-text.js';

/** A parsed JSON response; `undefined` in its place if the response is not JSON. */
export interface Json {
  readonly value: unknown;
}

/** The outcome of sending one callback. */
export type Seen =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer; readonly json: Json | undefined }
  /** The connection closed without a complete response; `reason` is the error code. */
  | { readonly kind: 'closed'; readonly reason: string }
  /** The connection could not be established. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** Neither a response nor a closed connection within the timeout, in milliseconds. */
  | { readonly kind: 'silent'; readonly after: number };

export interface Outgoing {
  readonly target: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** The body; sent in chunks, without a length, if `chunked` is set. */
  readonly body: Buffer;
  readonly chunked?: boolean;
  /** Milliseconds between reads of small pieces of the response. Default: the response is read at full speed. */
  readonly readingPause?: number;
}

/** Maximum size of a response body, in bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;
const PIECE = 64 * 1024;
/** Bytes that a slow reader reads at a time. */
const SIP = 32;

/** Error codes that mean that no connection was established. */
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

/** One callback on its own connection; never rejects. */
export class Sending {
  /** Resolves with a response or a closed connection. */
  readonly seen: Promise<Seen>;
  readonly #request: ClientRequest;

  constructor({ target, headers, body, chunked = false, readingPause }: Outgoing) {
    const framing = chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(body.length) };
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    this.#request = send(target, { method: 'POST', agent: false, headers: { ...headers, ...framing } });
    this.seen = new Promise((resolve) => {
      this.#request.on('error', (error) => resolve(endOf(error)));
      let answered = false;
      // A slowly read response may end after its connection closes.
      this.#request.on('close', () => (answered ? undefined : resolve({ kind: 'closed', reason: 'closed' })));
      this.#request.on('response', (response) => {
        answered = true;
        read(response, readingPause).then(resolve, (error: unknown) => resolve(endOf(error as Error)));
      });
    });
    // Send the headers immediately, even if the body follows later.
    this.#request.flushHeaders();
  }

  write(data: Buffer): void {
    this.#request.write(data);
  }

  /** Sends the rest of the body, respecting backpressure. */
  async end(data: Buffer): Promise<void> {
    for (let start = 0; start < data.length && !this.#request.destroyed; start += PIECE) {
      if (this.#request.write(data.subarray(start, start + PIECE))) continue;
      const drained = new Promise((resolve) => this.#request.once('drain', resolve));
      await Promise.race([drained, this.seen]);
    }
    if (!this.#request.destroyed) this.#request.end();
  }

  /** The outcome, or silence after the timeout, which closes the connection. */
  async within(milliseconds: number): Promise<Seen> {
    const ended = new AbortController();
    const silence = wait(milliseconds, undefined, { signal: ended.signal }).then(
      (): Seen => ({ kind: 'silent', after: milliseconds }),
      (): Promise<Seen> => this.seen,
    );
    try {
      return await Promise.race([this.seen, silence]);
    } finally {
      ended.abort();
      this.#request.destroy();
    }
  }
}

/** Sends a callback and waits until the timeout at most. */
export async function sendCallback(outgoing: Outgoing, timeout: number): Promise<Seen> {
  const sending = new Sending(outgoing);
  const [seen] = await Promise.all([sending.within(timeout), sending.end(outgoing.body)]);
  return seen;
}

function endOf(error: NodeJS.ErrnoException): Seen {
  const reason = error.code ?? error.message;
  return UNREACHABLE.test(reason) ? { kind: 'unreachable', reason } : { kind: 'closed', reason };
}

async function read(response: IncomingMessage, pause: number | undefined): Promise<Seen> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of pause === undefined ? response : sips(response, pause)) {
    const data = chunk as Buffer;
    size += data.length;
    if (size > MAX_ANSWER) throw new Error(`the response exceeds ${MAX_ANSWER} bytes`);
    chunks.push(data);
  }
  const body = Buffer.concat(chunks);
  const { statusCode: status = 0 } = response;
  return { kind: 'answered', status, body, json: readJson(body.toString('utf8')) };
}

async function* sips(response: IncomingMessage, pause: number): AsyncGenerator<Buffer> {
  for await (const chunk of response as AsyncIterable<Buffer>) {
    for (let start = 0; start < chunk.length; start += SIP) {
      await wait(pause);
      yield chunk.subarray(start, start + SIP);
    }
  }
}
