import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Blob } from './blob-store.js';
import { headerToken, type Answer, type Exchange } from './exchange.js';
import { finishUpload } from './finish-upload.js';
import { KodoError } from './kodo-error.js';
import type { MultipartPath } from './object-path.js';
import { checkClientKey, type PutPolicy } from './put-policy.js';
import { checkDeadline, HEADER_EXPIRY, verifyUploadToken } from './upload-token.js';

/** Seconds an upload id lives. */
const UPLOAD_LIFETIME = 604_800;
const MAX_PART_NUMBER = 10_000;
/** Smallest part but the last, in bytes; checked when the upload is completed. */
const MIN_PART_SIZE = 1024 * 1024;
/** Longest complete body in bytes: 10,000 parts and their etags. */
const MAX_COMPLETE_BODY = 4 * 1024 * 1024;

/** A multipart upload that was begun and is not over. It belongs to one bucket and one key. */
interface PendingUpload {
  readonly bucket: string;
  readonly key: string | undefined;
  /** Unix seconds. */
  readonly expireAt: number;
  readonly parts: Map<number, Blob & { readonly putTime: number }>;
}

interface Part {
  readonly partNumber: number;
  readonly etag: string;
}

/** What a complete call says besides its parts. */
interface CompleteBody {
  readonly parts: readonly Part[];
  readonly fname: string | undefined;
  readonly mimeType: string | undefined;
  readonly customVars: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Multipart upload, version 2: initiate, part, list, complete, abort.
 * Source: https://developer.qiniu.com/kodo/6364/multipartupload-interface
 */
export class MultipartUploads {
  readonly #uploads = new Map<string, PendingUpload>();

  async handle(exchange: Exchange, path: MultipartPath): Promise<Answer> {
    const { req, entry } = exchange;
    Object.assign(entry, { bucket: path.bucket, key: path.key, uploadId: path.uploadId });
    const { uploadId, partNumber } = path;
    if (uploadId === undefined) {
      if (req.method !== 'POST') throw new KodoError(405, 'method not allowed');
      entry.kind = 'initiate';
      return this.#initiate(exchange, path);
    }
    if (partNumber !== undefined) {
      if (req.method !== 'PUT') throw new KodoError(405, 'method not allowed');
      entry.kind = 'part';
      entry.partNumber = Number(partNumber);
      return this.#putPart(exchange, path, uploadId);
    }
    if (req.method === 'GET') {
      entry.kind = 'list';
      return this.#list(exchange, path, uploadId);
    }
    if (req.method === 'POST') {
      entry.kind = 'complete';
      return this.#complete(exchange, path, uploadId);
    }
    if (req.method === 'DELETE') {
      entry.kind = 'abort';
      return this.#abort(exchange, path, uploadId);
    }
    throw new KodoError(405, 'method not allowed');
  }

  #initiate(exchange: Exchange, path: MultipartPath): Answer {
    authorize(exchange, path);
    const uploadId = randomBytes(12).toString('hex');
    const expireAt = Math.floor(exchange.settings.now() / 1000) + UPLOAD_LIFETIME;
    this.#uploads.set(uploadId, { bucket: path.bucket, key: path.key, expireAt, parts: new Map() });
    exchange.entry.uploadId = uploadId;
    return { status: 200, body: { uploadId, expireAt } };
  }

  async #putPart(exchange: Exchange, path: MultipartPath, uploadId: string): Promise<Answer> {
    const { req, body, settings, entry } = exchange;
    authorize(exchange, path);
    const upload = this.#find(exchange, path, uploadId);
    const number = entry.partNumber ?? 0;
    if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER)
      throw new KodoError(400, 'invalid argument');
    const blob = await settings.store.blobs.write(body);
    const expected = req.headers['content-md5'];
    // The upload may have been aborted or completed while the part came in.
    const gone = this.#uploads.get(uploadId) !== upload;
    if (gone || (typeof expected === 'string' && !isMd5(expected, blob.md5))) {
      await settings.store.blobs.remove([blob.file]);
      throw gone ? new KodoError(612, 'no such uploadId') : new KodoError(406, 'md5 check error');
    }
    const replaced = upload.parts.get(number);
    upload.parts.set(number, { ...blob, putTime: Math.floor(settings.now() / 1000) });
    if (replaced !== undefined) await settings.store.blobs.remove([replaced.file]);
    return { status: 200, body: { etag: blob.etag, md5: blob.md5 } };
  }

  #list(exchange: Exchange, path: MultipartPath, uploadId: string): Answer {
    authorize(exchange, path);
    const { parts, expireAt } = this.#find(exchange, path, uploadId);
    const query = exchange.url.searchParams;
    const marker = Number(query.get('part-number-marker') ?? query.get('part-number_marker') ?? 0);
    const max = Math.min(1000, Number(query.get('max-parts') ?? 1000) || 1000);
    const rest = [...parts].sort(([a], [b]) => a - b).filter(([number]) => number > marker);
    const page = rest.slice(0, max);
    const partNumberMarker = rest.length > max ? (page.at(-1)?.[0] ?? 0) : 0;
    const listed = page.map(([partNumber, { size, etag, putTime }]) => ({ size, etag, partNumber, putTime }));
    return { status: 200, body: { uploadId, expireAt, partNumberMarker, parts: listed } };
  }

  async #complete(exchange: Exchange, path: MultipartPath, uploadId: string): Promise<Answer> {
    const { settings, entry } = exchange;
    const policy = authorize(exchange, path);
    const upload = this.#find(exchange, path, uploadId);
    const body = readComplete(await readBody(exchange));
    const files = choose(upload, body.parts);
    checkDeadline(policy, settings.now(), HEADER_EXPIRY);
    if (this.#uploads.get(uploadId) !== upload) throw new KodoError(612, 'no such uploadId');
    const answer = await finishUpload(
      {
        policy,
        key: path.key,
        fname: body.fname,
        clientType: body.mimeType,
        customVars: body.customVars,
        metadata: body.metadata,
        files,
        reqid: entry.reqid,
      },
      settings,
    );
    // Stored, whatever the callback said: the id is used up. Parts that were not chosen go.
    this.#uploads.delete(uploadId);
    const chosen = new Set(files.map(({ file }) => file));
    await settings.store.blobs.remove(
      [...upload.parts.values()].map(({ file }) => file).filter((file) => !chosen.has(file)),
    );
    return answer.location === undefined ? answer : { ...answer, headers: { location: answer.location } };
  }

  async #abort(exchange: Exchange, path: MultipartPath, uploadId: string): Promise<Answer> {
    authorize(exchange, path);
    const { parts } = this.#find(exchange, path, uploadId);
    this.#uploads.delete(uploadId);
    await exchange.settings.store.blobs.remove([...parts.values()].map(({ file }) => file));
    // qiniu-js parses the answer as JSON.
    return { status: 200, body: {} };
  }

  /** @throws {KodoError} 612 for an id that is unknown, over, or of another object */
  #find(exchange: Exchange, path: MultipartPath, uploadId: string): PendingUpload {
    const upload = this.#uploads.get(uploadId);
    const isKnown = upload?.bucket === path.bucket && upload.key === path.key;
    if (upload === undefined || !isKnown || upload.expireAt * 1000 < exchange.settings.now()) {
      throw new KodoError(612, 'no such uploadId');
    }
    return upload;
  }
}

/** Every call is checked anew; a renewed token may take over in the middle. */
function authorize({ req, keys, settings }: Exchange, path: MultipartPath): PutPolicy {
  const policy = verifyUploadToken(keys, headerToken(req));
  checkDeadline(policy, settings.now(), HEADER_EXPIRY);
  settings.store.bucket(path.bucket);
  if (policy.bucket !== path.bucket) throw new KodoError(401, 'bad token');
  checkClientKey(policy, path.key);
  return policy;
}

/** SDKs send lower-case hex; RFC 1864's base64 is taken as well. */
function isMd5(header: string, md5: string): boolean {
  return header.toLowerCase() === md5 || header === Buffer.from(md5, 'hex').toString('base64');
}

async function readBody({ req, body }: Exchange): Promise<string> {
  if (Number(req.headers['content-length'] ?? 0) > MAX_COMPLETE_BODY) throw new KodoError(400, 'invalid argument');
  return text(body);
}

function readComplete(json: string): CompleteBody {
  const invalid = new KodoError(400, 'invalid argument');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid;
  }
  if (typeof value !== 'object' || value === null) throw invalid;
  const body = value as Readonly<Record<string, unknown>>;
  const parts: unknown = body['parts'];
  if (!Array.isArray(parts) || parts.length === 0) throw new KodoError(400, "parts param can't be empty");
  const textField = (name: string): string | undefined => (typeof body[name] === 'string' ? body[name] : undefined);
  return {
    parts: parts.map((part: unknown) => {
      const { partNumber, etag } = (part ?? {}) as Readonly<Record<string, unknown>>;
      if (typeof partNumber !== 'number' || typeof etag !== 'string') throw invalid;
      return { partNumber, etag };
    }),
    fname: textField('fname'),
    mimeType: textField('mimeType'),
    customVars: texts(body['customVars'], 'x:'),
    metadata: texts(body['metadata'], 'x-qn-meta-'),
  };
}

/** qiniu-js passes numbers through as they are; both they and strings become text. */
function texts(value: unknown, prefix: string): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, entry]) => [name, String(entry)]),
  );
}

/**
 * The blobs that a complete call names, in its order.
 *
 * @throws {KodoError} 400, the order judged before each part, and each part before the sizes
 */
function choose(upload: PendingUpload, parts: readonly Part[]): readonly Blob[] {
  const isOrdered = parts.every(
    ({ partNumber }, index) => index === 0 || partNumber > (parts[index - 1]?.partNumber ?? 0),
  );
  if (!isOrdered) throw new KodoError(400, 'invalid parts order');
  const chosen = parts.map(({ partNumber, etag }) => {
    const part = upload.parts.get(partNumber);
    if (part?.etag !== etag) throw new KodoError(400, 'invalid part');
    return part;
  });
  if (chosen.slice(0, -1).some(({ size }) => size < MIN_PART_SIZE)) throw new KodoError(400, 'part size too small');
  return chosen;
}
