import { Readable } from 'node:stream';
import { MIMEType } from 'node:util';
import type { Blob, BlobStore } from '../store/blob-store.js';
import { ByteSource } from './byte-source.js';
import { readPart } from './form-part.js';
import { MalformedParts, readParts, type BodyPart } from './form-parts.js';
import { KodoError } from '../kodo-error.js';

/** The file of a form, saved on disk. */
export interface FormFile {
  readonly blob: Blob;
  /** Value of `filename=`. */
  readonly filename: string;
  /** The part's `Content-Type` with its parameters; absent if there is none. */
  readonly contentType: string | undefined;
}

/** A parsed form: its text fields, the first of each name, and the first part named `file`. */
export interface UploadForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile | undefined;
}

/** Limits for data in memory: boundary length, field name length, number of fields, and total size of all fields. */
const MAX_BOUNDARY = 250;
const MAX_NAME = 1024;
const MAX_FIELDS = 1000;
const MAX_FIELD_BYTES = 10 * 1024 * 1024;
const TOO_LARGE = 'multipart: message too large';

/**
 * Reads a form with parts in any order. The file is written to disk before the rest is known; if the form is
 * invalid, it is deleted.
 *
 * @param type the request's `Content-Type`
 * @throws {KodoError} 400 in the wording of Go's multipart reader, as recorded
 */
export async function readForm(type: string | undefined, body: Readable, blobs: BlobStore): Promise<UploadForm> {
  const boundary = boundaryOf(type ?? '');
  const fields = new Map<string, string>();
  let file: FormFile | undefined;
  let [count, bytes] = [0, 0];

  const readField = async (name: string, part: BodyPart): Promise<void> => {
    const chunks: Buffer[] = [];
    count += 1;
    bytes += name.length;
    if (name.length > MAX_NAME || count > MAX_FIELDS) throw new MalformedParts(TOO_LARGE);
    for await (const chunk of part.body) {
      bytes += chunk.length;
      if (bytes > MAX_FIELD_BYTES) throw new MalformedParts(TOO_LARGE);
      chunks.push(chunk);
    }
    if (!fields.has(name)) fields.set(name, Buffer.concat(chunks).toString('utf8'));
  };

  const source = new ByteSource(body);
  try {
    for await (const part of readParts(source, boundary)) {
      const { name, filename, contentType } = readPart(part.headers) ?? {};
      if (name !== undefined && filename === undefined) await readField(name, part);
      else if (name === 'file' && filename !== undefined && file === undefined) {
        const bytesOfFile = Readable.from(part.body, { objectMode: false });
        file = { filename, contentType, blob: await blobs.write(bytesOfFile, { crc32: true, md5: true }) };
      }
    }
    // Data after the last boundary is ignored, but must be received.
    while ((await source.next()) !== undefined);
    return { fields, file };
  } catch (error) {
    if (file !== undefined) await blobs.remove([file.blob]);
    throw asRefusal(error);
  } finally {
    source.release(); // the server drains the rest of a rejected body
  }
}

function boundaryOf(type: string): string {
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) {
    throw invalidForm("request Content-Type isn't multipart/form-data");
  }
  const boundary = parametersOf(type)?.get('boundary') ?? '';
  if (boundary === '' || boundary.length > MAX_BOUNDARY)
    throw invalidForm('no multipart boundary param in Content-Type');
  return boundary;
}

function parametersOf(type: string): MIMEType['params'] | undefined {
  try {
    return new MIMEType(type).params;
  } catch {
    return undefined; // the caller reports that there is no boundary
  }
}

/** Parser errors are the client's fault; disk errors are internal errors. */
function asRefusal(error: unknown): unknown {
  if (error instanceof KodoError || (error instanceof Error && 'syscall' in error)) return error;
  return invalidForm(error instanceof MalformedParts ? error.message : 'multipart: NextPart: EOF');
}

function invalidForm(reason: string): KodoError {
  return new KodoError(400, `invalid multipart format: ${reason}`);
}
