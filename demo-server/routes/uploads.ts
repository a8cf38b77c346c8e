import { Router } from 'express';
import { z } from 'zod';
import type { Bucket } from '../bucket.js';
import { HttpError } from '../http-error.js';
import { findOwn } from '../record-upload.js';
import { endUserOf } from '../session.js';
import type { Store } from '../store.js';
import type { UploadSettings } from '../upload-settings.js';
import { answerOf } from '../uploads-answer.js';

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
      res
        .set('cache-control', 'no-store')
        .json({ uploads: uploads.map((upload) => answerOf(upload, settings)), cursor });
    })
    .delete('/:id', async (req, res) => {
      const { id, key } = await findOwn(store, req.params.id, endUserOf(res));
      // First the object: where that fails, the record still tells that it is there.
      if (key !== null) await bucket.delete(key);
      await store.delete(id);
      res.status(204).end();
    });
}
