import { authorize } from './authorize.js';
import type { Blob } from './blob-store.js';
import type { Answer, Exchange } from './exchange.js';
import { finishUpload, type ReceivedUpload } from './finish-upload.js';
import { readForm, type FormFile, type UploadForm } from './form-reader.js';
import { KodoError } from './kodo-error.js';
import { checkHeader, readCustomVars, readHeaders, readMetadata } from './object-metadata.js';
import { checkClientKey, type PutPolicy } from './put-policy.js';
import { FORM_EXPIRY } from './upload-token.js';

/**
 * `POST /` with multipart/form-data. Fields come in any order, the file first from qiniu-js: it is on disk before
 * the token is known.
 *
 * Source: https://developer.qiniu.com/kodo/1312/upload
 */
export async function uploadForm(exchange: Exchange): Promise<Answer> {
  const { services, entry } = exchange;
  const form = await readForm(exchange);
  const { fields, file } = form;
  let isStored = false;
  try {
    entry.key = fields.get('key');
    const policy = authorize(exchange, fields.get('token'), FORM_EXPIRY);
    if (file === undefined) throw new KodoError(400, 'file is not specified in multipart');
    checkClientKey(policy, fields.get('key'));
    checkCrc(fields.get('crc32'), file.blob);
    const accept = checkHeader(fields.get('accept') ?? '');
    const answer = await finishUpload(receive(exchange, policy, form, file), services);
    ({ isStored } = answer);
    const headers = { ...(accept === '' ? {} : { 'content-type': accept }), ...answer.headers };
    return { status: answer.status, body: answer.body, headers };
  } finally {
    if (file !== undefined && !isStored) await services.store.blobs.remove([file.blob]);
  }
}

function receive(
  { entry, effect }: Exchange,
  policy: PutPolicy,
  { fields }: UploadForm,
  file: FormFile,
): ReceivedUpload {
  return {
    policy,
    key: fields.get('key'),
    // A browser escapes quotes and line breaks in `filename=`; the field of qiniu-js is as it was.
    fname: fields.get('fname') ?? file.filename,
    clientType: file.mimeType,
    customVars: readCustomVars(fields),
    metadata: readMetadata(fields),
    headers: readHeaders(fields),
    hash: file.blob.etag,
    files: [file.blob],
    reqid: entry.reqid,
    callbackFault: effect.callback,
  };
}

/** The field `crc32` is decimal. */
function checkCrc(text: string | undefined, blob: Blob): void {
  if (text === undefined) return;
  if (!/^\d+$/.test(text)) throw new KodoError(400, 'invalid argument');
  if (Number(text) !== blob.crc32) throw new KodoError(406, 'crc32 check error');
}
