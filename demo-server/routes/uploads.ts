import { Router } from 'express';
import { z } from 'zod';
import { possibleKeys } from '../qiniu/find-object.js';
import { findOwn } from '../uploads/record-upload.js';
import type { Services } from '../services.js';
import type { UploadRecord } from '../uploads/store.js';
import { listed } from '../uploads/uploads-answer.js';
import { HttpError } from '../web/http-error.js';
import { endUserOf } from '../web/session.js';

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

/**
 * `GET /api/uploads?limit=&cursor=`: lists the user's stored uploads, newest first, `{uploads, cursor?}`.
 * `DELETE /api/uploads/:id`: deletes the object and marks the record as deleted.
 */
export function uploadsRoute({ settings, store, bucket }: Services): Router {
  const removeObject = async (record: UploadRecord): Promise<void> => {
    for (const key of possibleKeys(record)) await bucket.delete(key);
  };
  return Router()
    .get('/', async (req, res) => {
      const query = querySchema.safeParse(req.query);
      if (!query.success) throw new HttpError(400, 'bad-request', 'limit must be a whole number from 1 to 100.');
      const { uploads, cursor } = await store.list(endUserOf(res), query.data.limit, query.data.cursor);
      res.set('cache-control', 'no-store').json({ uploads: uploads.map((upload) => listed(upload, settings)), cursor });
    })
    .delete('/:id', async (req, res) => {
      const record = await findOwn(store, req.params.id, endUserOf(res));
      // The object first: if deleting it fails, the record still shows that it exists.
      await removeObject(record);
      // A valid token could restore the object, so the row is kept until the token expires, and the sweeper removes it
      // then. A concurrent renewal either finds the row deleted or has extended the expiry that the sweeper uses.
      await store.markDeleted(record.id);
      // An unfinished upload may have been stored since its record was read.
      if (record.status !== 'stored') await removeObject(record);
      res.status(204).end();
    });
}
