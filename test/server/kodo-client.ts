import assert from 'node:assert/strict';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import type { Kodo } from '../../demo-server/kodo/src/start-kodo.js';

export const MIB = 1024 * 1024;
export const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed JSON, or an empty object where the answer is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export async function replyOf(response: Response): Promise<Reply> {
  const content = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(content);
  } catch {
    body = {}; // judged by its text
  }
  return {
    status: response.status,
    headers: response.headers,
    text: content,
    body: body as Readonly<Record<string, unknown>>,
  };
}

/** A part of a form: text, or a file where it has a name. */
export interface FormPart {
  readonly name: string;
  readonly value: string | Buffer;
  readonly filename?: string;
  readonly type?: string;
}

export const BOUNDARY = '----boundary';

/** A multipart/form-data body with its parts in exactly this order. */
export function encodeForm(parts: readonly FormPart[]): Buffer {
  const encoded = parts.flatMap(({ name, value, filename, type }) => [
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"` +
        (filename === undefined ? '' : `; filename="${filename}"`) +
        (type === undefined ? '' : `\r\nContent-Type: ${type}`) +
        '\r\n\r\n',
    ),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...encoded, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** Speaks Kodo's upload protocol, one call a method, so that a test can get each of them wrong. */
export class KodoClient {
  readonly #kodo: Kodo;

  constructor(kodo: Kodo) {
    this.#kodo = kodo;
  }

  token(policy: Readonly<Record<string, unknown>> = {}): string {
    return signUploadToken(this.#kodo, { scope: 'demo', deadline: inAnHour(), ...policy });
  }

  /** Sends a form whose parts come in this order. */
  async postParts(parts: readonly FormPart[], headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const body = new Uint8Array(encodeForm(parts));
    const type = `multipart/form-data; boundary=${BOUNDARY}`;
    const init = { method: 'POST', headers: { 'content-type': type, ...headers }, body };
    return replyOf(await fetch(`${this.#kodo.origin}/`, init));
  }

  /** Sends a form as most clients do: the fields, then the file. */
  async postForm(fields: Readonly<Record<string, string>>, file: Buffer, filename = 'a.bin'): Promise<Reply> {
    const texts = Object.entries(fields).map(([name, value]) => ({ name, value }));
    return this.postParts([...texts, { name: 'file', value: file, filename, type: 'application/octet-stream' }]);
  }

  /** A call to `/buckets/demo/objects/<path>`. */
  async call(
    method: string,
    path: string,
    token: string,
    body?: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const init = { method, headers: { authorization: `UpToken ${token}`, ...headers } };
    const sent = body === undefined ? init : { ...init, body: new Uint8Array(Buffer.from(body)) };
    return replyOf(await fetch(`${this.#kodo.origin}/buckets/demo/objects/${path}`, sent));
  }

  /** Begins an upload in parts of `~`, an empty key or a key. */
  async initiate(key: string | undefined, token: string): Promise<MultipartCalls> {
    const object = key === undefined ? '~' : Buffer.from(key).toString('base64url');
    const { status, body } = await this.call('POST', `${object}/uploads`, token);
    assert.equal(status, 200);
    return this.resume(object, String(body['uploadId']), token);
  }

  resume(object: string, uploadId: string, token: string): MultipartCalls {
    const path = `${object}/uploads/${uploadId}`;
    return {
      path,
      uploadId,
      object,
      put: async (partNumber, data, headers) => this.call('PUT', `${path}/${partNumber}`, token, data, headers),
      list: async (query = '') => this.call('GET', `${path}${query}`, token),
      abort: async () => this.call('DELETE', path, token),
      complete: async (parts, fields = {}) => this.call('POST', path, token, JSON.stringify({ parts, ...fields })),
    };
  }

  async stored(key: string, bucket = 'demo'): Promise<Buffer> {
    const object = this.#kodo.object(bucket, key);
    assert.ok(object, `${key} is stored`);
    return buffer(this.#kodo.read(object));
  }
}

export interface PartName {
  readonly partNumber: number;
  readonly etag: string;
}

export interface MultipartCalls {
  readonly path: string;
  readonly uploadId: string;
  readonly object: string;
  put(partNumber: number | string, data: Buffer, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  list(query?: string): Promise<Reply>;
  abort(): Promise<Reply>;
  complete(parts: unknown, fields?: Readonly<Record<string, unknown>>): Promise<Reply>;
}

/** Puts parts one after another and names them as a complete call does. */
export async function putAll(upload: MultipartCalls, parts: readonly Buffer[]): Promise<PartName[]> {
  const names: PartName[] = [];
  for (const [index, data] of parts.entries()) {
    const { status, body } = await upload.put(index + 1, data);
    assert.equal(status, 200);
    names.push({ partNumber: index + 1, etag: String(body['etag']) });
  }
  return names;
}

/** The files that hold bytes in a Kodo's folder. */
export async function blobsIn(folder: string): Promise<string[]> {
  return readdir(join(folder, 'blobs'));
}

/** A request sent piece by piece over its own connection. */
export interface OpenRequest {
  write(data: Buffer): Promise<void>;
  end(data?: Buffer): void;
  /** Breaks the connection. */
  cut(): void;
  /** Comes true when the server says 100 Continue. */
  readonly continued: Promise<void>;
  readonly response: Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }>;
}

export function openRequest(
  origin: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | number>>,
): OpenRequest {
  const { hostname, port } = new URL(origin);
  const sent = request({ hostname, port, method, path, headers, agent: false });
  const continued = new Promise<void>((resolve) => sent.once('continue', resolve));
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  }).then(async (message) => ({
    status: message.statusCode ?? 0,
    headers: message.headers,
    text: await text(message),
  }));
  response.catch(() => undefined); // a cut request has no answer
  return {
    write: async (data) => new Promise((resolve) => void sent.write(data, () => resolve())),
    end: (data) => void sent.end(data),
    cut: () => void sent.destroy(),
    continued,
    response,
  };
}

/** A business server whose answers a test sets; `seen` are the callbacks that came. */
export async function startBusiness(): Promise<Business> {
  const business: Business = { seen: [], answer: { status: 200, body: '{"id":1}' }, url: '', close: () => undefined };
  const server = createServer((req, res) => {
    void text(req).then((body) => {
      business.seen.push({ url: req.url ?? '', headers: req.headers, body });
      const { answer } = business;
      if (answer === 'silence') return;
      if (answer === 'hang-up') req.socket.end();
      else if (answer === 'reset') req.socket.resetAndDestroy();
      else {
        if (answer.statusText !== undefined) res.statusMessage = answer.statusText;
        res.writeHead(answer.status, answer.headers).end(answer.body);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  business.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  business.close = () => {
    server.close();
    server.closeAllConnections();
  };
  return business;
}

export interface Business {
  seen: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  answer:
    | {
        readonly status: number;
        readonly body: string | Buffer;
        readonly headers?: Record<string, string>;
        /** The reason phrase, when not the status's own. */
        readonly statusText?: string;
      }
    | 'silence'
    | 'hang-up'
    | 'reset';
  url: string;
  close: () => void;
}

/** What a 579 says inside. */
export function innerOf(reply: Reply): Readonly<Record<string, unknown>> {
  return JSON.parse(String(reply.body['error'])) as Readonly<Record<string, unknown>>;
}

/** Waits for what no event tells of, such as a file to be gone; fails after five seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = AbortSignal.timeout(5000);
  while (!(await isSo())) {
    giveUp.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
