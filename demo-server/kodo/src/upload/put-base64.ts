import { pipeline } from 'node:stream';
import { authorizeHeader } from '../policy/authorize.js';
import { decodeBase64 } from './base64-body.js';
import { checkCrc } from './check-crc.js';
import type { Answer, Exchange } from '../exchange.js';
import { finishUpload } from './finish-upload.js';
import { KodoError } from '../kodo-error.js';
import { readCustomVars, readHeaders, readMetadata } from './object-metadata.js';
import { readPathFields, readSize } from '../text/path-fields.js';
import { checkClientKey } from '../policy/put-policy.js';
import { checkDeadline, HEADER_EXPIRY } from '../policy/upload-token.js';

/**
 * `POST /putb64/<fileSize|-1>[/key/<b64>][/mimeType/<b64>][/crc32/<n>][/x:<name>/<b64>]…` with a body in base64.
 * Source: https://developer.qiniu.com/kodo/kb/1326
 */
export async function putBase64(exchange: Exchange): Promise<Answer> {
  const { path, body, services, entry, effect } = exchange;
  const { blobs } = services.store;
  const policy = authorizeHeader(exchange);
  const [, , size, ...segments] = path.split('/');
  const fsize = size === '-1' ? undefined : readSize(size);
  const fields = readPathFields(segments);
  const key = fields.get('key');
  entry.key = key;
  checkClientKey(policy, key);
  const blob = await blobs.write(
    pipeline(body, decodeBase64(), () => undefined), // the reader receives the error
    { crc32: true, md5: true },
  );
  let isStored = false;
  try {
    checkDeadline(policy, services.now(), HEADER_EXPIRY);
    if (fsize !== undefined && blob.size !== fsize) throw new KodoError(400, 'invalid argument');
    checkCrc(fields.get('crc32'), blob);
    const { isStored: stored, ...answer } = await finishUpload(
      {
        policy,
        key,
        fname: fields.get('fname'),
        clientType: fields.get('mimeType'),
        customVars: readCustomVars(fields),
        metadata: readMetadata(fields),
        headers: readHeaders(fields),
        hash: blob.etag,
        md5: blob.md5,
        files: [blob],
        reqid: entry.reqid,
        callbackFault: effect.callback,
        job: effect.job,
      },
      services,
    );
    isStored = stored;
    return answer;
  } finally {
    if (!isStored) await blobs.remove([blob]);
  }
}
