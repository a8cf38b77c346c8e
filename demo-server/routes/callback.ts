import express, { Router, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Bucket } from '../bucket.js';
import { isSignedByQiniu } from '../callback-signature.js';
import { followUp, type AfterAnswer } from '../follow-up.js';
import { HttpError } from '../http-error.js';
import { DELETED, recordUpload } from '../record-upload.js';
import type { Store } from '../store.js';
import type { UploadSettings } from '../upload-settings.js';
import { answerOf } from '../uploads-answer.js';

/** Largest callback body; ours has a few hundred bytes. */
const MAX_BODY = '64kb';

/** Of what is no picture Kodo says nothing. */
const pixels = z.union([z.enum(['', 'null']).transform(() => null), z.coerce.number().int().positive()]);

const bodySchema = z.object({
  id: z.string().min(1),
  bucket: z.string(),
  key: z.string(),
  hash: z.string().min(1),
  fsize: z.coerce.number().int().nonnegative(),
  mimeType: z.string().max(255),
  width: pixels,
  height: pixels,
  endUser: z.string(),
});

export interface CallbackRouteOptions {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly logger: Logger;
  readonly bucket: Bucket;
  readonly afterAnswer: AfterAnswer;
}

/**
 * `POST /api/uploads/callback`: Kodo says that an upload is in; the JSON answered here is what the page gets.
 *
 * Kodo may call more than once; every call for the same upload gets the same answer.
 */
export function callbackRoute({ settings, store, logger, bucket, afterAnswer }: CallbackRouteOptions): Router {
  const { callbackUrl } = settings;
  const answer = async (req: Request, res: Response): Promise<void> => {
    if (callbackUrl === undefined)
      throw new HttpError(404, 'no-callback', 'This server issues tokens without callback.');
    verify(req, callbackUrl, settings);
    const result = bodySchema.safeParse(Object.fromEntries(new URLSearchParams(rawBody(req).toString('utf8'))));
    if (!result.success) {
      const field = result.error.issues[0]?.path.join('.') ?? '';
      throw new HttpError(400, 'bad-callback', `The callback's field "${field}" is missing or malformed.`);
    }
    const { id, bucket: bucketName, key, hash, fsize: size, mimeType: type, width, height, endUser } = result.data;
    const reqid = req.get('x-reqid')?.slice(0, 255) ?? null;
    const facts = { key, hash, size, type, width, height, toldBy: 'callback', reqid } as const;
    const record = recordUpload(store, id, { bucket: bucketName, endUser }, facts, logger);
    const upload = await record.catch((error: unknown) => {
      // Its token was good for longer than its owner wanted the file.
      if (error instanceof HttpError && error.code === DELETED) afterAnswer.run(res, () => bucket.delete(key));
      throw error;
    });
    // The page waits for this answer, and Kodo gives up after ten seconds: what takes longer comes after it.
    if (upload.followed_up_at === null) afterAnswer.run(res, () => followUp(upload, store, bucket));
    res.json(answerOf(upload, settings));
  };
  // The signature is over the bytes: they are kept raw, and never unpacked.
  return Router().post('/', express.raw({ type: () => true, limit: MAX_BODY, inflate: false }), answer);
}

function verify(req: Request, callbackUrl: string, settings: UploadSettings): void {
  // A proxy may have changed host and path on the way: what counts is the address that Kodo was given.
  const { pathname, host } = new URL(callbackUrl);
  const query = req.originalUrl.split('?')[1];
  const signed = isSignedByQiniu(
    req.headers.authorization,
    {
      method: req.method,
      target: query === undefined ? pathname : `${pathname}?${query}`,
      host,
      contentType: req.headers['content-type'] ?? '',
      headers: req.headers,
      body: rawBody(req),
    },
    [settings, ...settings.previousKeys],
  );
  if (!signed) throw new HttpError(401, 'bad-signature', 'This callback was not signed by Qiniu with our keys.');
}

function rawBody(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0); // no body at all
}
