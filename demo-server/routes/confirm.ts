import { Router } from 'express';
import type { Logger } from 'pino';
import type { Bucket } from '../bucket.js';
import { HttpError } from '../http-error.js';
import { endUserOf } from '../session.js';
import { findObject } from '../find-object.js';
import { followUp, type AfterAnswer } from '../follow-up.js';
import { findOwn, ownerOf, recordUpload } from '../record-upload.js';
import { isStored, type Store, type StoredUpload, type UploadRecord } from '../store.js';
import type { UploadSettings } from '../upload-settings.js';
import { answerOf } from '../uploads-answer.js';

export interface ConfirmRouteOptions {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly logger: Logger;
  readonly bucket: Bucket;
  readonly afterAnswer: AfterAnswer;
}

/**
 * `POST /api/uploads/:id/confirm`: the reply that a lost callback would have given, after asking Kodo itself.
 *
 * Nothing of the request is believed but the id: the object's name is the record's own.
 */
export function confirmRoute({ settings, store, logger, bucket, afterAnswer }: ConfirmRouteOptions): Router {
  const ask = async (record: UploadRecord): Promise<StoredUpload> => {
    const facts = await findObject(record, { bucket, logger, toldBy: 'confirm' });
    if (facts === undefined) throw new HttpError(404, 'not-stored', 'Kodo has no such object.');
    return recordUpload(store, record.id, ownerOf(record), facts, logger);
  };
  return Router().post('/:id/confirm', async (req, res) => {
    const record = await findOwn(store, req.params.id, endUserOf(res));
    const upload = isStored(record) ? record : await ask(record);
    if (upload.followed_up_at === null) afterAnswer.run(res, () => followUp(upload, store, bucket));
    res.set('cache-control', 'no-store').json(answerOf(upload, settings));
  });
}
