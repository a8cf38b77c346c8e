import busboy from 'busboy';
import type { Blob } from './blob-store.js';
import type { Answer, Exchange } from './exchange.js';
import { finishUpload } from './finish-upload.js';
import { KodoError } from './kodo-error.js';
import { checkClientKey, type PutPolicy } from './put-policy.js';
import { checkDeadline, FORM_EXPIRY, verifyUploadToken } from './upload-token.js';

/** A parsed form: its text fields, and its file on disk. */
interface UploadForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly file: { readonly blob: Blob; readonly filename: string; readonly mimeType: string | undefined } | undefined;
}

/**
 * `POST /` with multipart/form-data. Fields come in any order, the file first from qiniu-js: it is on disk before
 * the token is known.
 *
 * Source: https://developer.qiniu.com/kodo/1312/upload
 */
export async function uploadForm(exchange: Exchange): Promise<Answer> {
  const { settings, entry } = exchange;
  const { fields, file } = await readForm(exchange);
  try {
    const policy = verifyUploadToken(exchange.keys, fields.get('token'));
    checkDeadline(policy, settings.now(), FORM_EXPIRY);
    settings.store.bucket(policy.bucket);
    const key = fields.get('key');
    entry.bucket = policy.bucket;
    entry.key = key;
    if (file === undefined) throw new KodoError(400, 'file is not specified in multipart');
    checkClientKey(policy, key);
    checkCrc(fields.get('crc32'), file.blob);
    const answer = await finishUpload(receive(policy, key, fields, file, entry.reqid), settings);
    const accept = fields.get('accept');
    const headers = {
      ...(accept === undefined ? {} : { 'content-type': accept }),
      ...(answer.location === undefined ? {} : { location: answer.location }),
    };
    return { ...answer, headers };
  } catch (error) {
    if (file !== undefined) await settings.store.blobs.remove([file.blob.file]);
    throw error;
  }
}

function receive(
  policy: PutPolicy,
  key: string | undefined,
  fields: ReadonlyMap<string, string>,
  file: NonNullable<UploadForm['file']>,
  reqid: string,
): Parameters<typeof finishUpload>[0] {
  const startingWith = (prefix: string): Record<string, string> =>
    Object.fromEntries([...fields].filter(([name]) => name.startsWith(prefix)));
  return {
    policy,
    key,
    // A browser escapes quotes and line breaks in `filename=`; the field of qiniu-js is as it was.
    fname: fields.get('fname') ?? file.filename,
    clientType: file.mimeType,
    customVars: startingWith('x:'),
    metadata: startingWith('x-qn-meta-'),
    files: [file.blob],
    reqid,
  };
}

function checkCrc(text: string | undefined, blob: Blob): void {
  if (text === undefined) return;
  if (!/^\d+$/.test(text)) throw new KodoError(400, 'invalid argument');
  if (Number(text) !== blob.crc32) throw new KodoError(406, 'crc32 check error');
}

async function readForm({ req, body, settings }: Exchange): Promise<UploadForm> {
  const fields = new Map<string, string>();
  const files: { readonly filename: string; readonly mimeType: string | undefined; readonly blob: Promise<Blob> }[] =
    [];
  let parser: busboy.Busboy;
  try {
    parser = busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      preservePath: true,
      limits: { fieldSize: 1 << 20, files: 1 },
    });
  } catch (error) {
    throw invalidForm(error);
  }
  parser.on('field', (name, value) => fields.set(name, value));
  parser.on('file', (name, stream, { filename, mimeType }) => {
    if (name !== 'file') {
      stream.resume();
      return;
    }
    const blob = settings.store.blobs.write(stream);
    blob.catch(() => undefined); // awaited below, after the form has ended
    files.push({ filename: filename ?? '', mimeType, blob });
  });
  const failure = await new Promise<unknown>((resolve) => {
    parser.on('close', () => resolve(undefined));
    parser.on('error', resolve);
    body.on('error', resolve);
    body.pipe(parser);
  });
  const [first] = files;
  if (failure !== undefined) {
    body.unpipe(parser);
    parser.destroy();
    await first?.blob.then(({ file }) => settings.store.blobs.remove([file])).catch(() => undefined); // it was never whole
    throw invalidForm(failure);
  }
  return { fields, file: first === undefined ? undefined : { ...first, blob: await first.blob } };
}

function invalidForm(error: unknown): KodoError {
  return new KodoError(400, `invalid multipart format: ${error instanceof Error ? error.message : String(error)}`);
}
