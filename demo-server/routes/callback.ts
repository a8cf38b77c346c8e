import express, { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { isSignedByQiniu } from '../qiniu/callback-signature.js';
import { followUp } from '../uploads/follow-up.js';
import { isUnwanted, recordUpload } from '../uploads/record-upload.js';
import type { Services } from '../services.js';
import type { UploadSettings } from '../uploads/upload-settings.js';
import { answerOf } from '../uploads/uploads-answer.js';
import { HttpError } from '../web/http-error.js';
import { textField } from '../web/text-field.js';

/** Largest callback body; ours has a few hundred bytes. */
const MAX_BODY = '64kb';

/** Kodo leaves the pixels of anything but a picture empty. */
const pixels = z.union([z.enum(['', 'null']).transform(() => null), z.coerce.number().int().positive()]);

const bodySchema = z.object({
  id: textField(64).min(1),
  bucket: textField(63),
  key: textField(750),
  hash: textField(64).min(1),
  fsize: z.coerce.number().int().nonnegative(),
  mimeType: textField(255),
  width: pixels,
  height: pixels,
  endUser: textField(255),
});

/**
 * `POST /api/uploads/callback`: Kodo reports an upload; the JSON answered here is what the page gets.
 *
 * Kodo may call more than once; every call for the same upload gets the same answer.
 */
export function callbackRoute(services: Services): Router {
  const { settings, store, bucket, afterAnswer } = services;
  const { callbackUrl } = settings;
  const answer = async (req: Request, res: Response): Promise<void> => {
    if (callbackUrl === undefined)
      throw new HttpError(404, 'no-callback', 'This server issues tokens without callback.');
    verify(req, callbackUrl, settings);
    const result = bodySchema.safeParse(fieldsOf(req));
    if (!result.success) {
      const field = result.error.issues[0]?.path.join('.') ?? '';
      throw new HttpError(400, 'bad-callback', `The callback's field "${field}" is missing or malformed.`);
    }
    const { id, bucket: bucketName, key, hash, fsize: size, mimeType: type, width, height, endUser } = result.data;
    const reqid = req.get('x-reqid')?.slice(0, 255) ?? null;
    const facts = { key, hash, size, type, width, height, toldBy: 'callback', reqid } as const;
    const record = recordUpload(services, id, { bucket: bucketName, endUser }, facts);
    const upload = await record.catch((error: unknown) => {
      if (isUnwanted(error)) afterAnswer.run(res, () => bucket.delete(key));
      throw error;
    });
    // The page waits for this answer, and Kodo gives up after ten seconds: whatever takes longer comes after it.
    if (upload.followed_up_at === null) afterAnswer.run(res, () => followUp(upload, store, bucket));
    res.json(answerOf(upload, settings));
  };
  // The signature is over the bytes: they are kept raw, and never decompressed.
  return Router().post('/', express.raw({ type: () => true, limit: MAX_BODY, inflate: false }), answer);
}

/**
 * The body's fields. Our own tokens ask for a form; JSON is taken too where its signature covers it, for tokens that are
 * signed elsewhere. As in a form, numbers are text, and what is absent is empty.
 */
function fieldsOf(req: Request): Readonly<Record<string, string>> {
  const text = rawBody(req).toString('utf8');
  if (!req.is('application/json')) return Object.fromEntries(new URLSearchParams(text));
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'bad-callback', 'The callback is not JSON.');
  }
}

function asText(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function verify(req: Request, callbackUrl: string, settings: UploadSettings): void {
  // A proxy may have changed host and path on the way: the signature is over the address that Kodo was given.
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
