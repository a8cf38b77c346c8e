import { authorize } from '../policy/authorize.js';
import { checkCrc } from './check-crc.js';
import type { Answer, Exchange } from '../exchange.js';
import { finishUpload, type ReceivedUpload } from './finish-upload.js';
import { readForm, type FormFile, type UploadForm } from './form-reader.js';
import { KodoError } from '../kodo-error.js';
import { checkHeader, readCustomVars, readHeaders, readMetadata } from './object-metadata.js';
import { checkClientKey, type PutPolicy } from '../policy/put-policy.js';
import { FORM_EXPIRY } from '../policy/upload-token.js';

/**
 * `POST /` with multipart/form-data. Fields come in any order; qiniu-js sends the file first, so it is on disk before
 * the token is known.
 *
 * Source: https://developer.qiniu.com/kodo/1312/upload
 */
export async function uploadForm(exchange: Exchange): Promise<Answer> {
  const { req, body, services, entry } = exchange;
  const { blobs } = services.store;
  const form = await readForm(req.headers['content-type'], body, blobs);
  const { fields, file } = form;
  let isStored = false;
  try {
    entry.key = fields.get('key');
    const accept = checkHeader(fields.get('accept') ?? '');
    if (accept !== '') exchange.res.setHeader('Content-Type', accept); // for errors as well
    const policy = authorize(exchange, fields.get('token'), FORM_EXPIRY);
    if (file === undefined) throw new KodoError(400, 'file is not specified in multipart');
    checkClientKey(policy, fields.get('key'));
    checkCrc(fields.get('crc32'), file.blob);
    const { isStored: stored, ...answer } = await finishUpload(receive(exchange, policy, form, file), services);
    isStored = stored;
    return answer;
  } finally {
    if (file !== undefined && !isStored) await blobs.remove([file.blob]);
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
    // Browsers escape quotes and line breaks in `filename=`; qiniu-js sends the name unescaped in a field.
    fname: fields.get('fname') ?? file.filename,
    clientType: file.contentType,
    customVars: readCustomVars(fields),
    metadata: readMetadata(fields),
    headers: readHeaders(fields),
    hash: file.blob.etag,
    md5: file.blob.md5,
    files: [file.blob],
    reqid: entry.reqid,
    callbackFault: effect.callback,
    job: effect.job,
  };
}
