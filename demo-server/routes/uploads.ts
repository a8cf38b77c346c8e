import { Router } from 'express';
import { z } from 'zod';
import type { Bucket } from '../bucket.js';
import { HttpError } from '../http-error.js';
import { possibleKeys } from '../find-object.js';
import { findOwn } from '../record-upload.js';
import { endUserOf } from '../session.js';
import type { Store } from '../store.js';
import { GRACE } from '../sweeper.js';
import type { UploadSettings } from '../upload-settings.js';
import { listed } from '../uploads-answer.js';

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export interface UploadsRouteOptions {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly bucket: Bucket;
}

/**
 * `GET /api/uploads?limit=&cursor=`: the user's stored uploads, newest first, `{uploads, cursor?}`.
 * `DELETE /api/uploads/:id`: removes object and record.
 */
export function uploadsRoute({ settings, store, bucket }: UploadsRouteOptions): Router {
  return Router()
    .get('/', async (req, res) => {
      const query = querySchema.safeParse(req.query);
      if (!query.success) throw new HttpError(400, 'bad-request', 'limit must be a whole number from 1 to 100.');
      const { uploads, cursor } = await store.list(endUserOf(res), query.data.limit, query.data.cursor);
      res.set('cache-control', 'no-store').json({ uploads: uploads.map((upload) => listed(upload, settings)), cursor });
    })
    .delete('/:id', async (req, res) => {
      const record = await findOwn(store, req.params.id, endUserOf(res));
      // First the object: where that fails, the record still tells that it is there.
      for (const key of possibleKeys(record)) await bucket.delete(key);
      // As long as its token is good, the object could come back: the record stays to know it.
      if (record.expires_at + GRACE < Date.now()) await store.delete(record.id);
      else await store.markDeleted(record.id);
      res.status(204).end();
    });
}
