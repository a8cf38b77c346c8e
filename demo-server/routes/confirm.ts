import { Router, type Response } from 'express';
import { findObject } from '../qiniu/find-object.js';
import { followUp } from '../uploads/follow-up.js';
import { findOwn, mustDiscard, ownerOf, recordUpload } from '../uploads/record-upload.js';
import type { Services } from '../services.js';
import { isStored, type StoredUpload, type UploadRecord } from '../uploads/store.js';
import { answerOf } from '../uploads/uploads-answer.js';
import { HttpError } from '../web/http-error.js';
import { endUserOf } from '../web/session.js';

/**
 * `POST /api/uploads/:id/confirm`: queries Kodo and returns the response that a lost callback would have returned.
 *
 * Uses only the id from the request; the object's key comes from the record.
 */
export function confirmRoute(services: Services): Router {
  const { settings, store, bucket, logger, afterAnswer } = services;
  const recordFromKodo = async (record: UploadRecord, res: Response): Promise<StoredUpload> => {
    const facts = await findObject(record, { bucket, logger, reportedBy: 'confirm' });
    if (facts === undefined) throw new HttpError(404, 'not-stored', 'The file is not stored in Kodo.');
    return recordUpload(services, record.id, ownerOf(record), facts).catch((error: unknown) => {
      if (mustDiscard(error)) afterAnswer.run(res, () => bucket.delete(facts.key));
      throw error;
    });
  };
  return Router().post('/:id/confirm', async (req, res) => {
    const record = await findOwn(store, req.params.id, endUserOf(res));
    const upload = isStored(record) ? record : await recordFromKodo(record, res);
    if (upload.followed_up_at === null) afterAnswer.run(res, () => followUp(upload, store, bucket));
    res.set('cache-control', 'no-store').json(answerOf(upload, settings));
  });
}
