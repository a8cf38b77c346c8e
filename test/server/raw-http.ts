import { connect } from 'node:net';

/** How a body is framed: by its length, in chunks, by both at once, or not at all. */
export type Framing = 'length' | 'chunked' | 'both' | 'none';

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** Lines such as `Host: up.qiniup.com`, in their order and case. `{framing}` stands for the lines of the framing. */
  readonly headers: readonly string[];
  readonly body?: Buffer | string;
  readonly framing?: Framing;
}

export interface RawReply {
  readonly status: number;
  /** Lines of headers as they came. */
  readonly headers: readonly string[];
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Milliseconds in which an answer must come. */
const PATIENCE = 10_000;

/** Sends a request as it is written, where a client library would put names and framing in its own order. */
export async function sendRaw(origin: string, request: RawRequest): Promise<RawReply> {
  const { method, path, headers, framing = 'length' } = request;
  const body = Buffer.from(request.body ?? '');
  const length = `Content-Length: ${body.length}`;
  const lines = { length: [length], chunked: ['Transfer-Encoding: chunked'], both: [], none: [] }[framing];
  const framed = framing === 'both' ? ['Transfer-Encoding: chunked', length] : lines;
  const head = [`${method} ${path} HTTP/1.1`, ...headers.flatMap((line) => (line === '{framing}' ? framed : [line]))];
  const isChunked = framing === 'chunked' || framing === 'both';
  const chunks = isChunked ? [...(body.length > 0 ? [chunk(body)] : []), chunk(Buffer.alloc(0))] : [body];
  return exchange(origin, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), ...chunks]));
}

function chunk(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

function exchange(origin: string, data: Buffer): Promise<RawReply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(data));
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no answer in ${PATIENCE} ms`)));
    socket.on('error', reject);
    socket.on('data', (piece: Buffer) => {
      received = Buffer.concat([received, piece]);
      const reply = readReply(received);
      if (reply === undefined) return;
      socket.destroy();
      resolve(reply);
    });
    socket.on('close', () => reject(new Error(`the connection ended after: ${received.toString()}`)));
  });
}

/** A whole answer; nothing where more is to come. */
function readReply(received: Buffer): RawReply | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...headers] = received.subarray(0, end).toString().split('\r\n');
  const status = Number(first.split(' ')[1]);
  if (status === 100) return readReply(received.subarray(end + 4));
  const length = Number(/^content-length: (\d+)$/im.exec(headers.join('\n'))?.[1] ?? 0);
  const content = received.subarray(end + 4);
  if (content.length < length) return undefined;
  const text = content.subarray(0, length).toString();
  return { status, headers, text, body: objectIn(text) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {}; // judged by its text
  }
}
