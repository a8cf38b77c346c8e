import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What a business server answered, or why it could not be reached, in the words of Kodo's Go client. */
export interface CallbackAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly body: string;
}

/** Most bytes of an answer that are taken. */
const MAX_ANSWER = 4 * 1024 * 1024;

/** One POST; never throws: what goes wrong is part of the answer. */
export async function postCallback(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<CallbackAnswer> {
  const unreachable = (reason: string, status = 502): CallbackAnswer => unreached(url, reason, status);
  if (!/^https?:\/\//.test(url)) return unreachable('unsupported protocol scheme ""');
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      if (signal.aborted) resolve(unreachable('context deadline exceeded', 504));
      else if (error.code === 'ECONNREFUSED') {
        resolve(unreachable(`dial tcp ${new URL(url).host}: connect: connection refused`));
      } else resolve(unreachable(error.message));
    };
    try {
      const data = Buffer.from(body);
      const outgoing = send(url, { method: 'POST', signal, headers: { ...headers, 'content-length': data.length } });
      outgoing.on('error', fail);
      outgoing.on('response', (response) => void read(response).then(resolve, fail));
      outgoing.end(data);
    } catch (error) {
      fail(error as Error); // a URL or a header that cannot be sent at all
    }
  });
}

/** The answer of a business server that could not be reached. */
export function unreached(url: string, reason: string, status = 502): CallbackAnswer {
  return { status, statusText: `Post "${url}": ${reason}`, body: '' };
}

async function read(response: IncomingMessage): Promise<CallbackAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 502, statusText: response.statusMessage ?? '', body };
}
