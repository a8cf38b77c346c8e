import { Router } from 'express';
import type { Logger } from 'pino';
import type { Bucket } from '../bucket.js';
import { HttpError } from '../http-error.js';
import { endUserOf } from '../session.js';
import { factsOf, findOwn, ownerOf, recordUpload } from '../record-upload.js';
import { isStored, type Store } from '../store.js';
import type { UploadSettings } from '../upload-settings.js';
import { answerOf } from '../uploads-answer.js';

export interface ConfirmRouteOptions {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly logger: Logger;
  readonly bucket: Bucket;
}

/**
 * `POST /api/uploads/:id/confirm`: the reply that a lost callback would have given, after asking Kodo itself.
 *
 * Nothing of the request is believed but the id: the key is the record's own.
 */
export function confirmRoute({ settings, store, logger, bucket }: ConfirmRouteOptions): Router {
  return Router().post('/:id/confirm', async (req, res) => {
    const { id } = req.params;
    const record = await findOwn(store, id, endUserOf(res));
    const upload = isStored(record) ? record : await ask(record.key);
    res.set('cache-control', 'no-store').json(answerOf(upload, settings));

    async function ask(key: string | null) {
      if (key === null) {
        throw new HttpError(409, 'key-unknown', 'Kodo named this object, and only its callback says how.');
      }
      const object = await bucket.stat(key);
      if (object === undefined) throw new HttpError(404, 'not-stored', 'Kodo has no such object.');
      return recordUpload(store, id, ownerOf(record), factsOf(key, object, 'confirm'), logger);
    }
  });
}
