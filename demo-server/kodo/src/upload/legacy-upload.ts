import { authorize } from '../policy/authorize.js';
import { checkClientKey } from '../policy/put-policy.js';
import { FORM_EXPIRY } from '../policy/upload-token.js';
import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import { parseEntry } from '../text/object-path.js';
import { readPathFields } from '../text/path-fields.js';
import { checkCrc } from './check-crc.js';
import { finishUpload } from './finish-upload.js';
import { readForm } from './form-reader.js';
import { readCustomVars } from './object-metadata.js';

/**
 * `POST /upload` with multipart/form-data: the predecessor of `POST /`, which the official Ruby SDK still uses for
 * files smaller than a block. The field `action` is a path: `/rs-put/<entry>[/mimeType/<b64>][/crc32/<n>]…`; `auth`
 * is the token. `meta`, `customer`, `params` and `rotate` are accepted and have no effect.
 *
 * Source: https://github.com/qiniu/ruby-sdk, lib/qiniu/upload.rb
 */
export async function uploadLegacyForm(exchange: Exchange): Promise<Answer> {
  const { req, body, services, entry, effect } = exchange;
  const { blobs } = services.store;
  const { fields, file } = await readForm(req.headers['content-type'], body, blobs);
  let isStored = false;
  try {
    const policy = authorize(exchange, fields.get('auth'), FORM_EXPIRY);
    const [, verb, segment = '', ...segments] = (fields.get('action') ?? '').split('/');
    if (verb !== 'rs-put') throw new KodoError(400, 'invalid argument');
    const { bucket, key } = parseEntry(segment);
    const options = readPathFields(segments);
    entry.key = key;
    if (bucket !== policy.bucket) throw new KodoError(401, 'bad token');
    if (file === undefined) throw new KodoError(400, 'file is not specified in multipart');
    checkClientKey(policy, key);
    checkCrc(options.get('crc32'), file.blob);
    const { isStored: stored, ...answer } = await finishUpload(
      {
        policy,
        key,
        fname: file.filename,
        clientType: options.get('mimeType') ?? file.contentType,
        customVars: readCustomVars(fields),
        metadata: {},
        headers: {},
        hash: file.blob.etag,
        md5: file.blob.md5,
        files: [file.blob],
        reqid: entry.reqid,
        callbackFault: effect.callback,
        job: effect.job,
      },
      services,
    );
    isStored = stored;
    return answer;
  } finally {
    if (file !== undefined && !isStored) await blobs.remove([file.blob]);
  }
}
