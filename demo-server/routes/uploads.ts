import { Router } from 'express';
import { z } from 'zod';
import { HttpError } from '../http-error.js';
import type { Store } from '../store.js';
import { answerOf } from '../uploads-answer.js';

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

/** `GET /api/uploads?limit=&cursor=`: stored uploads, newest first, `{uploads, cursor?}`. */
export function uploadsRoute(store: Store, domain: string): Router {
  return Router().get('/', async (req, res) => {
    const query = querySchema.safeParse(req.query);
    if (!query.success) throw new HttpError(400, 'bad-request', 'limit must be a whole number from 1 to 100.');
    const { uploads, cursor } = await store.list(query.data.limit, query.data.cursor);
    res.set('cache-control', 'no-store').json({ uploads: uploads.map((upload) => answerOf(upload, domain)), cursor });
  });
}
