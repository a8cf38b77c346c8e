import { STATUS_CODES, type IncomingMessage } from 'node:http';
import { HostRefused, type Outbound } from '../outbound/outbound.js';

/** A business server's response, or the connection error in the wording of Kodo's Go client. */
export interface CallbackAnswer {
  readonly status: number;
  /** The standard reason phrase of the status, whatever the business server sent; or the connection error. */
  readonly statusText: string;
  readonly body: Buffer;
}

/** Maximum size of a response body, in bytes. */
const MAX_ANSWER = 4 * 1024 * 1024;

/** A callback URL with its scheme: Kodo prepends `http://` if it is missing. */
export function withScheme(url: string): string {
  return schemeOf(url) === undefined ? `http://${url}` : url;
}

/** Sends one POST request; never throws: errors become part of the answer. */
export async function postCallback(
  outbound: Outbound,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<CallbackAnswer> {
  const scheme = schemeOf(url) ?? '';
  if (scheme !== 'http' && scheme !== 'https') return unreached(url, `unsupported protocol scheme "${scheme}"`);
  return new Promise((resolve) => {
    const fail = (error: Error): void => {
      if (signal.aborted) resolve(unreached(url, 'context deadline exceeded', 504));
      else resolve(unreached(url, goWords(error, url)));
    };
    try {
      const data = Buffer.from(body);
      const all = { ...headers, 'Content-Length': data.length };
      const outgoing = outbound.request(new URL(url), { method: 'POST', signal, headers: all });
      outgoing.on('error', fail);
      outgoing.on('response', (response) => void read(response).then(resolve, fail));
      outgoing.end(data);
    } catch (error) {
      fail(error as Error); // a URL or a header that is not valid
    }
  });
}

/** The answer for a business server that could not be reached. */
export function unreached(url: string, reason: string, status = 502): CallbackAnswer {
  return { status, statusText: `Post "${url}": ${reason}`, body: Buffer.alloc(0) };
}

/** How Go reports a refused connection. */
export function refused(url: string, address?: string, port?: number): string {
  const { protocol, hostname, port: stated } = new URL(url);
  const host = address?.includes(':') ? `[${address}]` : (address ?? hostname);
  return `dial tcp ${host}:${port ?? (stated || (protocol === 'https:' ? 443 : 80))}: connect: connection refused`;
}

/** Translates Node's connection error into Go's wording. */
export function goWords(
  error: NodeJS.ErrnoException & { readonly address?: string; readonly port?: number },
  url: string,
) {
  if (error instanceof HostRefused) return `dial tcp: ${error.message}`;
  if (error.syscall === 'getaddrinfo') return `dial tcp: lookup ${new URL(url).hostname}: no such host`;
  if (error.code === 'ECONNREFUSED') return refused(url, error.address, error.port);
  if (error.code !== 'ECONNRESET') return error.message;
  // Node uses the same code for an orderly close; only a reset comes from a system call.
  return error.syscall === 'read' ? 'read tcp: connection reset by peer' : 'EOF';
}

function schemeOf(url: string): string | undefined {
  return /^([a-z][a-z\d+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
}

async function read(response: IncomingMessage): Promise<CallbackAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error('the response is too long');
    chunks.push(chunk);
  }
  const { statusCode: status = 502 } = response;
  return { status, statusText: STATUS_CODES[status] ?? '', body: Buffer.concat(chunks) };
}
