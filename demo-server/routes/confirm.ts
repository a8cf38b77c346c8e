import { Router, type Response } from 'express';
import { findObject } from '../qiniu/find-object.js';
import { followUp } from '../uploads/follow-up.js';
import { findOwn, isUnwanted, ownerOf, recordUpload } from '../uploads/record-upload.js';
import type { Services } from '../services.js';
import { isStored, type StoredUpload, type UploadRecord } from '../uploads/store.js';
import { answerOf } from '../uploads/uploads-answer.js';
import { HttpError } from '../web/http-error.js';
import { endUserOf } from '../web/session.js';

/**
 * `POST /api/uploads/:id/confirm`: the reply that a lost callback would have given, after asking Kodo itself.
 *
 * Nothing in the request is trusted but the id: the object's name is the record's own.
 */
export function confirmRoute(services: Services): Router {
  const { settings, store, bucket, logger, afterAnswer } = services;
  const ask = async (record: UploadRecord, res: Response): Promise<StoredUpload> => {
    const facts = await findObject(record, { bucket, logger, toldBy: 'confirm' });
    if (facts === undefined) throw new HttpError(404, 'not-stored', 'Kodo has no such object.');
    return recordUpload(services, record.id, ownerOf(record), facts).catch((error: unknown) => {
      if (isUnwanted(error)) afterAnswer.run(res, () => bucket.delete(facts.key));
      throw error;
    });
  };
  return Router().post('/:id/confirm', async (req, res) => {
    const record = await findOwn(store, req.params.id, endUserOf(res));
    const upload = isStored(record) ? record : await ask(record, res);
    if (upload.followed_up_at === null) afterAnswer.run(res, () => followUp(upload, store, bucket));
    res.set('cache-control', 'no-store').json(answerOf(upload, settings));
  });
}
