import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { MIMEType } from 'node:util';
import { Dicer } from '@fastify/busboy';
import type { Blob, BlobStore } from '../store/blob-store.js';
import { readPart, type PartHeaders } from './form-part.js';
import { KodoError } from '../kodo-error.js';

/** The file of a form, on disk. */
export interface FormFile {
  readonly blob: Blob;
  /** As `filename=` had it. */
  readonly filename: string;
  /** The type that the part's header states, with its parameters; absent where it states none. */
  readonly contentType: string | undefined;
}

/** A parsed form: its text fields, the first of each name, and the first part called `file`. */
export interface UploadForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile | undefined;
}

/** Longest name of a field, most fields, and most bytes of all fields together: what stands in memory. */
const MAX_NAME = 1024;
const MAX_FIELDS = 1000;
const MAX_FIELD_BYTES = 10 * 1024 * 1024;
const TOO_LARGE = 'multipart: message too large';

/** Most bytes of a part's headers. */
const MAX_HEADERS = 16 * 1024;

/**
 * Reads a form whose parts come in any order. The file goes to disk while the rest is unknown; if the form proves
 * broken, it is removed again.
 *
 * @param type the request's `Content-Type`
 * @throws {KodoError} 400 in the words of Go's multipart reader, as recorded
 */
export async function readForm(type: string | undefined, body: Readable, blobs: BlobStore): Promise<UploadForm> {
  const parser = openParser(type ?? '');
  const fields = new Map<string, string>();
  let file: (Omit<FormFile, 'blob'> & { readonly part: Readable; readonly blob: Promise<Blob> }) | undefined;
  let [count, bytes] = [0, 0];

  const readField = async (name: string, part: Readable): Promise<void> => {
    const isFirst = !fields.has(name);
    if (isFirst) fields.set(name, ''); // takes its place while its text comes in
    const chunks: Buffer[] = [];
    count += 1;
    bytes += name.length;
    if (name.length > MAX_NAME || count > MAX_FIELDS) throw invalidForm(TOO_LARGE);
    for await (const chunk of part as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_FIELD_BYTES) throw invalidForm(TOO_LARGE);
      chunks.push(chunk);
    }
    if (isFirst) fields.set(name, Buffer.concat(chunks).toString('utf8'));
  };
  const take = async (headers: PartHeaders, part: Readable): Promise<void> => {
    const size = Object.entries(headers).flat(2).join('').length;
    if (size === 0 || size > MAX_HEADERS) throw new Error('malformed headers');
    const { name, filename, contentType } = readPart(headers) ?? {};
    if (name !== undefined && filename === undefined) await readField(name, part);
    else if (name === 'file' && filename !== undefined && file === undefined) {
      file = { filename, contentType, part, blob: blobs.write(part, { crc32: true }) };
      await file.blob;
    } else part.resume();
  };

  let failure: Error | undefined;
  await new Promise<void>((resolve) => {
    const fail = (error: Error): void => {
      failure ??= error;
      resolve();
    };
    const taken: Promise<void>[] = [];
    parser.on('part', (part) => {
      part.on('error', fail);
      part.read(0); // or the parser may wait for somebody to read, with half of the headers still to come
      part.on('header', (headers) => void taken.push(take(headers as PartHeaders, part).catch(fail)));
    });
    parser.on('finish', () => void Promise.all(taken).then(() => resolve()));
    parser.on('error', fail);
    body.on('error', fail);
    body.on('close', () => (body.readableEnded ? undefined : fail(new Error('the body broke off'))));
    body.pipe(parser);
  });
  body.unpipe(parser);
  // What follows the last boundary counts for nothing, but it must come.
  if (failure === undefined) await finished(body.resume()).catch((error: Error) => (failure = error));
  if (failure !== undefined) {
    parser.destroy();
    file?.part.destroy(failure);
    await file?.blob.then(
      (blob) => blobs.remove([blob]),
      () => undefined, // it was never whole, and is gone already
    );
    throw asRefusal(failure);
  }
  if (file === undefined) return { fields, file };
  const { filename, contentType, blob } = file;
  return { fields, file: { filename, contentType, blob: await blob } };
}

function openParser(type: string): Dicer {
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) {
    throw invalidForm("request Content-Type isn't multipart/form-data");
  }
  try {
    return new Dicer({ boundary: new MIMEType(type).params.get('boundary') ?? undefined });
  } catch {
    throw invalidForm('no multipart boundary param in Content-Type');
  }
}

/** What a parser finds wrong is the client's fault; what the disk says is Kodo's own. */
function asRefusal(error: Error): Error {
  if (error instanceof KodoError || 'syscall' in error) return error;
  return invalidForm('multipart: NextPart: EOF');
}

function invalidForm(reason: string): KodoError {
  return new KodoError(400, `invalid multipart format: ${reason}`);
}
