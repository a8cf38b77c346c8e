import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { readJson } from '../text/json-text.js';

/** An answer's value; `undefined` in its place where the answer is not JSON. */
export interface Json {
  readonly value: unknown;
}

/** What came back for one callback. */
export type Seen =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Buffer; readonly json: Json | undefined }
  /** The connection ended without a whole answer; `reason` is the error's code. */
  | { readonly kind: 'closed'; readonly reason: string }
  /** No connection could be made. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** Neither an answer nor an end within the time allowed, in milliseconds. */
  | { readonly kind: 'silent'; readonly after: number };

export interface Outgoing {
  readonly target: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** The body's bytes; they are sent in chunks, without a length, where `chunked` is set. */
  readonly body: Buffer;
  readonly chunked?: boolean;
  /** Milliseconds between reading two small pieces of the answer. Default: it is read at once. */
  readonly readingPause?: number;
}

/** Most bytes of an answer that are read. */
const MAX_ANSWER = 4 * 1024 * 1024;
const PIECE = 64 * 1024;
/** Bytes of an answer that are read at once by a slow reader. */
const SIP = 32;

/** Errors that mean that there was no connection. */
const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

/** One callback on a connection of its own; it never rejects. */
export class Sending {
  /** Settles with an answer, or with the end of the connection. */
  readonly seen: Promise<Seen>;
  readonly #request: ClientRequest;

  constructor({ target, headers, body, chunked = false, readingPause }: Outgoing) {
    const framing = chunked ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(body.length) };
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    this.#request = send(target, { method: 'POST', agent: false, headers: { ...headers, ...framing } });
    this.seen = new Promise((resolve) => {
      this.#request.on('error', (error) => resolve(endOf(error)));
      let answered = false;
      // An answer that is read slowly may end after its connection.
      this.#request.on('close', () => (answered ? undefined : resolve({ kind: 'closed', reason: 'closed' })));
      this.#request.on('response', (response) => {
        answered = true;
        read(response, readingPause).then(resolve, (error: unknown) => resolve(endOf(error as Error)));
      });
    });
    // The head goes out at once, also where the body comes later.
    this.#request.flushHeaders();
  }

  write(data: Buffer): void {
    this.#request.write(data);
  }

  /** Sends the rest of the body, as fast as the server takes it. */
  async end(data: Buffer): Promise<void> {
    for (let start = 0; start < data.length && !this.#request.destroyed; start += PIECE) {
      if (this.#request.write(data.subarray(start, start + PIECE))) continue;
      const drained = new Promise((resolve) => this.#request.once('drain', resolve));
      await Promise.race([drained, this.seen]);
    }
    if (!this.#request.destroyed) this.#request.end();
  }

  /** What was seen, or silence, after which the connection is cut. */
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

/** Sends a callback, and waits no longer than the time allowed. */
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
    if (size > MAX_ANSWER) throw new Error(`an answer of more than ${MAX_ANSWER} bytes`);
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
