import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Framing, RawRequest } from './raw-http.js';

/** What the official SDKs send, as captured from each of them: names in their case and order, and their framing. */
export interface Sdk {
  readonly name: string;
  /** Headers of a call with an upload token; `{type}` and `{md5}` are left out where a call has none. */
  readonly upload: readonly string[];
  readonly framing: Framing;
  /** Headers of a call that the account signs. */
  readonly manage: readonly string[];
  readonly scheme: 'QBox' | 'Qiniu';
  /** How a body of such a call is framed, and a call without one. */
  readonly manageFraming: Framing;
  readonly bodyless: Framing;
  readonly query: { readonly method: string; readonly path: string };
  readonly stat: string;
  readonly list: { readonly method: string; readonly path: string };
  readonly status: { readonly method: string };
  readonly newline?: string;
  /** The order of a form's parts. */
  readonly form: readonly string[];
  readonly formFraming?: Framing;
  /** The type of a list of contexts. */
  readonly contexts: string;
  readonly complete: (parts: readonly unknown[]) => string;
  readonly completeType?: string;
  /** What stands before an operation in a batch, and how it is escaped. */
  readonly operation: (path: string) => string;
  readonly pfop: string;
}

const FORM = 'application/x-www-form-urlencoded';
const encoded = (path: string): string => `op=${encodeURIComponent(path)}`;
const plain = (path: string): string => `op=${path}`;
const complete = (more: object) => (parts: readonly unknown[]) => JSON.stringify({ ...more, parts });
const v4 = { method: 'GET', path: '/v4/query' };
const METADATA = { 'x-qn-meta-m1': 'v1' };

export const SDKS: readonly Sdk[] = [
  {
    name: 'Python 7.18',
    upload: [
      ...['Host: {host}', 'Accept-Encoding: identity', '{type}', '{md5}', 'Authorization: UpToken {token}'],
      ...['User-Agent: QiniuPython/7.18.2 (Linux; x86_64; ) Python/3.11.2', '{framing}'],
    ],
    framing: 'length',
    manage: [
      ...['Host: {host}', 'User-Agent: QiniuPython/7.18.2 (Linux; x86_64; ) Python/3.11.2'],
      ...['Accept-Encoding: gzip, deflate', 'Accept: */*', 'Connection: keep-alive', '{framing}'],
      ...[`Content-Type: ${FORM}`, 'X-Qiniu-Date: {date}', 'Authorization: {signature}'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'length',
    query: v4,
    stat: 'POST',
    list: { method: 'GET', path: '/list?bucket=demo&limit=4' },
    status: { method: 'GET' },
    form: ['token', 'key', 'crc32', 'file'],
    contexts: '',
    complete: (parts) =>
      `{"parts": ${JSON.stringify(parts).replaceAll(',', ', ').replaceAll(':', ': ')}, "fname": "f.bin", "mimeType": "text/plain", "customVars": {"x:a": "a"}, "metadata": {"x-qn-meta-m1": "v1"}}`,
    operation: (path) => encoded(path.slice(1)),
    pfop: '/pfop',
  },
  {
    name: 'PHP 7.14',
    upload: [
      ...['Host: {host}', 'User-Agent: QiniuPHP/7.14.0 (Linux/x86_64) PHP/8.2.36', 'Accept: */*'],
      ...['Authorization: UpToken {token}', '{type}', '{md5}', '{framing}'],
    ],
    framing: 'length',
    manage: [
      ...['Host: {host}', 'User-Agent: QiniuPHP/7.14.0 (Linux/x86_64) PHP/8.2.36', 'Accept: */*'],
      ...[`Content-Type: ${FORM}`, 'X-Qiniu-Date: {date}', 'Authorization: {signature}', '{framing}'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'none',
    query: v4,
    stat: 'GET',
    list: { method: 'GET', path: '/list?bucket=demo&limit=10' },
    status: { method: 'GET' },
    form: ['token', 'key', 'crc32', 'file'],
    contexts: FORM,
    complete: (parts) =>
      JSON.stringify({
        fname: 'f.bin',
        mimeType: 'text/plain',
        metadata: METADATA,
        customVars: null,
        parts,
      }).replaceAll('/', '\\/'),
    operation: plain,
    pfop: '/pfop/',
  },
  {
    name: 'Go 7.25',
    upload: [
      ...['Host: {host}', 'User-Agent: QiniuGo/7.25.0 (linux; amd64; default) go1.19.8', '{framing}'],
      ...['Authorization: UpToken {token}', '{md5}', '{type}', 'X-Qiniu-Date: {date}', 'Accept-Encoding: gzip'],
    ],
    framing: 'chunked',
    manage: [
      ...['Host: {host}', 'User-Agent: QiniuGo/7.25.0 (linux; amd64; default) go1.19.8', '{framing}'],
      ...['Authorization: {signature}', `Content-Type: ${FORM}`, 'X-Qiniu-Date: {date}', 'Accept-Encoding: gzip'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'chunked',
    bodyless: 'length',
    query: { method: 'GET', path: '/v2/query' },
    stat: 'GET',
    list: { method: 'POST', path: '/list?bucket=demo&limit=1000&needparts=false' },
    status: { method: 'GET' },
    form: ['key', 'token', 'file'],
    formFraming: 'chunked',
    contexts: 'application/octet-stream',
    complete: (parts) => JSON.stringify({ parts, metadata: METADATA, customVars: { 'x:a': 'a' } }),
    operation: encoded,
    pfop: '/pfop',
  },
  {
    name: 'Java 7.17',
    upload: [
      ...['Authorization: UpToken {token}', 'User-Agent: QiniuJava/7.17.0 (Linux amd64) Java/17.0.15', 'Host: {host}'],
      ...['X-Qiniu-Date: {date}', '{type}', '{framing}', 'Connection: Keep-Alive', 'Accept-Encoding: gzip'],
    ],
    framing: 'chunked',
    manage: [
      ...['Authorization: {signature}', 'User-Agent: QiniuJava/7.17.0 (Linux amd64) Java/17.0.15'],
      ...['X-Qiniu-Date: {date}', `Content-Type: ${FORM}`, '{framing}', 'Host: {host}'],
      ...['Connection: Keep-Alive', 'Accept-Encoding: gzip'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'length',
    query: { method: 'GET', path: '/v3/query' },
    stat: 'POST',
    list: { method: 'GET', path: '/list?bucket=demo&prefix=&delimiter=%2F&limit=10' },
    status: { method: 'GET' },
    form: ['token', 'key', 'crc32', 'file'],
    contexts: 'application/octet-stream',
    complete: complete({ fname: 'f.bin', customVars: { 'x:a': 'a' }, metaData: { 'X-Qn-Meta-m1': 'v1' } }),
    completeType: 'application/octet-stream',
    operation: (path) => plain(path.slice(1)),
    pfop: '/pfop/',
  },
  {
    name: 'Ruby 6.9',
    upload: [
      ...[
        'Accept: application/json',
        'User-Agent: QiniuRuby/6.10.0 (x86_64-linux-gnu) Ruby/3.1.2',
        'Connection: close',
      ],
      ...['{type}', 'Authorization: UpToken {token}', '{md5}', '{framing}'],
      ...['Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3', 'Host: {host}'],
    ],
    framing: 'length',
    manage: [
      ...[
        'Accept: application/json',
        'User-Agent: QiniuRuby/6.10.0 (x86_64-linux-gnu) Ruby/3.1.2',
        'Connection: close',
      ],
      ...['X-Qiniu-Date: {date}', `Content-Type: ${FORM}`, 'Authorization: {signature}', '{framing}'],
      ...['Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3', 'Host: {host}'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'length',
    query: { method: 'GET', path: '/v2/query' },
    stat: 'POST',
    list: { method: 'POST', path: '/list?bucket=demo&limit=1000&prefix=&delimiter=' },
    status: { method: 'GET' },
    form: ['file', 'crc32', 'token', 'key'],
    contexts: 'text/plain',
    complete: complete({ fname: 'f.bin', mimeType: 'text/plain', customVars: null, metadata: METADATA }),
    operation: plain,
    pfop: '/pfop/',
  },
  {
    name: 'C 7.9',
    upload: [
      ...['Host: {host}', 'Accept: */*', '{framing}', '{type}', 'UserAgent: QiniuC/7.9.0', '{md5}'],
      'Authorization: UpToken {token}',
    ],
    framing: 'both',
    manage: [
      ...['Host: {host}', 'Accept: */*', '{framing}', `Content-Type: ${FORM}`, 'UserAgent: QiniuC/7.9.0'],
      ...['X-Qiniu-Date: {date}', 'Authorization: {signature}'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'none',
    query: { method: 'POST', path: '/v4/query' },
    stat: 'POST',
    list: { method: 'POST', path: '/list?bucket=demo&prefix=&delimiter=&marker=&limit=1000' },
    status: { method: 'GET' },
    form: ['token', 'key', 'file'],
    contexts: 'text/plain',
    complete: complete({ mimeType: 'txt', metadata: METADATA }),
    operation: (path) => plain(path.replace('/force/true', '/force/1')),
    pfop: '/pfop/',
  },
  {
    name: 'Node 7.15',
    upload: [
      ...['authorization: UpToken {token}', '{type}', '{md5}', 'user-agent: QiniuNodejs/7.15.5 (Linux; linux; x64; )'],
      ...['connection: keep-alive', '{framing}', 'accept: application/json', 'accept-encoding: gzip, deflate'],
      'Host: {host}',
    ],
    framing: 'length',
    manage: [
      ...[`content-type: ${FORM}`, 'x-qiniu-date: {date}', 'authorization: {signature}'],
      ...['user-agent: QiniuNodejs/7.15.5 (Linux; linux; x64; )', 'connection: keep-alive', '{framing}'],
      ...['accept: application/json', 'accept-encoding: gzip, deflate', 'Host: {host}'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'length',
    query: v4,
    stat: 'GET',
    list: { method: 'GET', path: '/list?bucket=demo&prefix=' },
    status: { method: 'POST' },
    form: ['token', 'key', 'crc32', 'file'],
    formFraming: 'chunked',
    contexts: 'application/octet-stream',
    complete: complete({ fname: 'f.bin', mimeType: 'text/plain', customVars: { 'x:a': 'a' }, metadata: METADATA }),
    operation: plain,
    pfop: '/pfop/',
  },
  {
    name: 'C# 8.7',
    upload: [
      ...['{type}', 'User-Agent: QiniuCSharpSDK/8.7.0 (NET45; Unix; 6.1.0.0)', 'authorization: UpToken {token}'],
      ...['{md5}', '{framing}', 'Host: {host}'],
    ],
    framing: 'length',
    manage: [
      ...['User-Agent: QiniuCSharpSDK/8.7.0 (NET45; Unix; 6.1.0.0)', 'authorization: {signature}'],
      ...[`Content-Type: ${FORM}`, 'x-qiniu-date: {date}', '{framing}', 'Host: {host}'],
    ],
    scheme: 'Qiniu',
    manageFraming: 'length',
    bodyless: 'none',
    query: v4,
    stat: 'GET',
    list: { method: 'POST', path: '/list?bucket=demo&limit=100' },
    status: { method: 'GET' },
    newline: '\n',
    form: ['key', 'token', 'crc32', 'file'],
    contexts: 'text/plain',
    complete: complete({ fname: 'f.bin', mimeType: '', customVars: null, metadata: METADATA }),
    operation: plain,
    pfop: '/pfop/',
  },
];

/** An account, and where it speaks to. */
export interface Account {
  readonly origin: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** base64url with its padding. */
export const base64 = (text: string): string => base64Of(Buffer.from(text));

/** A call with an upload token. */
export function uploadCall(
  sdk: Sdk,
  { origin }: Account,
  call: {
    readonly method: string;
    readonly path: string;
    readonly token: string;
    readonly body?: Buffer | string;
    readonly type?: string;
    readonly md5?: boolean;
    readonly framing?: Framing;
  },
): RawRequest {
  const { method, path, token, body, type = '', framing = body === undefined ? sdk.bodyless : sdk.framing } = call;
  const md5 =
    call.md5 === true
      ? `Content-MD5: ${createHash('md5')
          .update(body ?? '')
          .digest('hex')}`
      : '';
  const values = { host: new URL(origin).host, token, type: type && `Content-Type: ${type}`, md5, date: dateNow() };
  const headers = fill(sdk.upload, values);
  return { method, path, headers, framing, ...(body === undefined ? {} : { body }) };
}

/** A call that the account signs. */
export function managementCall(
  sdk: Sdk,
  { origin, accessKey, secretKey }: Account,
  call: {
    readonly method: string;
    readonly path: string;
    readonly body?: string;
    readonly date?: string;
    /** `X-Qiniu-…` headers in place of the date, and the lines that the signature has of them. */
    readonly more?: readonly string[];
    readonly signed?: readonly string[];
  },
): RawRequest {
  const { method, path, body, date = dateNow(), more } = call;
  const host = new URL(origin).host;
  const signed = call.signed ?? (hasDate(sdk) ? [`X-Qiniu-Date: ${date}`] : []);
  const dated = signed.map((line) => `\n${line}`).join('');
  const text =
    sdk.scheme === 'QBox'
      ? `${path}\n${body ?? ''}`
      : `${method} ${path}\nHost: ${host}\nContent-Type: ${FORM}${dated}\n\n${body ?? ''}`;
  const signature = `${sdk.scheme} ${accessKey}:${base64Of(createHmac('sha1', secretKey).update(text).digest())}`;
  const lines = more === undefined ? sdk.manage : [...sdk.manage.filter((line) => !isDate(line)), ...more];
  const headers = fill(lines, { host, date, signature });
  const framing = body === undefined ? sdk.bodyless : sdk.manageFraming;
  return { method, path, headers, framing, ...(body === undefined ? {} : { body }) };
}

/** A form upload, with the parts in the SDK's order. */
export function formCall(
  sdk: Sdk,
  { origin }: Account,
  upload: { readonly token: string; readonly key: string; readonly data: Buffer },
): RawRequest {
  const end = sdk.newline ?? '\r\n';
  const boundary = '------------------------b9356fdf979b6413';
  const values: Readonly<Record<string, string | Buffer>> = {
    token: upload.token,
    key: upload.key,
    crc32: String(crc32(upload.data)),
    file: upload.data,
  };
  const parts = sdk.form.flatMap((name) => {
    const file = name === 'file' ? `; filename="f.bin"${end}Content-Type: application/octet-stream` : '';
    const head = `--${boundary}${end}Content-Disposition: form-data; name="${name}"${file}${end}${end}`;
    return [Buffer.from(head), Buffer.from(values[name] ?? ''), Buffer.from(end)];
  });
  const headers = fill(
    sdk.upload.filter((line) => !/^authorization/i.test(line)),
    { host: new URL(origin).host, type: `Content-Type: multipart/form-data; boundary=${boundary}`, date: dateNow() },
  );
  const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--${end}`)]);
  return { method: 'POST', path: '/', headers, body, framing: sdk.formFraming ?? 'length' };
}

const isDate = (line: string): boolean => /^x-qiniu-date/i.test(line);

const hasDate = (sdk: Sdk): boolean => sdk.manage.some(isDate);

/** A date as `X-Qiniu-Date` has it. */
export function dateNow(now = Date.now()): string {
  return new Date(now).toISOString().replace(/\.\d+|[-:]/g, '');
}

function fill(lines: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return lines
    .map((line) => line.replace(/\{(?!framing)(\w+)\}/g, (_, name: string) => values[name] ?? ''))
    .filter((line) => line !== '');
}

function base64Of(data: Buffer): string {
  return data.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
