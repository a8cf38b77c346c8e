import type { IncomingHttpHeaders } from 'node:http';
import busboy from 'busboy';
import type { Blob } from './blob-store.js';
import type { Exchange } from './exchange.js';
import { KodoError } from './kodo-error.js';

/** The file of a form, on disk. */
export interface FormFile {
  readonly blob: Blob;
  /** As `filename=` had it. */
  readonly filename: string;
  readonly mimeType: string | undefined;
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

/**
 * Reads a form whose parts come in any order. The file goes to disk while the rest is unknown; if the form proves
 * broken, it is removed again.
 *
 * @throws {KodoError} 400 in the words of Go's multipart reader, as recorded
 */
export async function readForm({ req, body, services }: Exchange): Promise<UploadForm> {
  const { blobs } = services.store;
  const fields = new Map<string, string>();
  let file: { readonly facts: Omit<FormFile, 'blob'>; readonly blob: Promise<Blob> } | undefined;
  let bytes = 0;
  const parser = openParser(req.headers);
  let failure: KodoError | Error | undefined;
  await new Promise<void>((resolve) => {
    const fail = (error: KodoError | Error): void => {
      failure ??= error;
      resolve();
    };
    parser.on('field', (name: string | undefined, value, { nameTruncated, valueTruncated }) => {
      if (name === undefined) return; // as Go's reader does; the parser's types do not know of it
      bytes += name.length + value.length;
      if (nameTruncated || valueTruncated || bytes > MAX_FIELD_BYTES) fail(invalidForm(TOO_LARGE));
      else if (!fields.has(name)) fields.set(name, value);
    });
    parser.on('file', (name, stream, { filename, mimeType }) => {
      if (name !== 'file' || file !== undefined) {
        stream.on('error', fail).resume();
        return;
      }
      file = { facts: { filename: filename ?? '', mimeType }, blob: blobs.write(stream, { crc32: true }) };
      file.blob.catch(fail);
    });
    parser.on('fieldsLimit', () => fail(invalidForm(TOO_LARGE)));
    parser.on('error', (error) => fail(error as Error));
    parser.on('close', resolve);
    body.on('error', fail);
    body.on('close', () => (body.readableEnded ? undefined : fail(new Error('the body broke off'))));
    body.pipe(parser);
  });
  if (failure !== undefined) {
    body.unpipe(parser);
    parser.destroy();
    await file?.blob.then(
      (blob) => blobs.remove([blob]),
      () => undefined, // it was never whole, and is gone already
    );
    throw asRefusal(failure);
  }
  return { fields, file: file === undefined ? undefined : { ...file.facts, blob: await file.blob } };
}

function openParser(headers: IncomingHttpHeaders): busboy.Busboy {
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) {
    throw invalidForm("request Content-Type isn't multipart/form-data");
  }
  try {
    const limits = { fieldNameSize: MAX_NAME, fields: MAX_FIELDS, fieldSize: MAX_FIELD_BYTES };
    return busboy({ headers, defParamCharset: 'utf8', preservePath: true, limits });
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
