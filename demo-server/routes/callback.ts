import express, { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { isSignedByQiniu } from '../qiniu/callback-signature.js';
import { followUp } from '../uploads/follow-up.js';
import { mustDiscard, recordUpload } from '../uploads/record-upload.js';
import type { Services } from '../services.js';
import type { UploadSettings } from '../uploads/upload-settings.js';
import { answerOf } from '../uploads/uploads-answer.js';
import { HttpError } from '../web/http-error.js';
import { textField } from '../web/text-field.js';

/** Maximum size of a callback body. Ours has a few hundred bytes. */
const MAX_BODY = '64kb';

/** Kodo leaves the size in pixels empty for files that are not images. */
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
 * `POST /api/uploads/callback`: Kodo reports a stored upload, and relays the JSON response to the page.
 *
 * Kodo may call more than once. Every call for the same upload gets the same response.
 */
export function callbackRoute(services: Services): Router {
  const { settings, store, bucket, afterAnswer } = services;
  const { callbackUrl } = settings;
  const answer = async (req: Request, res: Response): Promise<void> => {
    if (callbackUrl === undefined)
      throw new HttpError(404, 'no-callback', 'This server issues tokens without a callback.');
    verify(req, callbackUrl, settings);
    const result = bodySchema.safeParse(fieldsOf(req));
    if (!result.success) {
      const field = result.error.issues[0]?.path.join('.') ?? '';
      throw new HttpError(400, 'bad-callback', `The callback's field "${field}" is missing or malformed.`);
    }
    const { id, bucket: bucketName, key, hash, fsize: size, mimeType: type, width, height, endUser } = result.data;
    const reqid = req.get('x-reqid')?.slice(0, 255) ?? null;
    const facts = { key, hash, size, type, width, height, reportedBy: 'callback', reqid } as const;
    const record = recordUpload(services, id, { bucket: bucketName, endUser }, facts);
    const upload = await record.catch((error: unknown) => {
      if (mustDiscard(error)) afterAnswer.run(res, () => bucket.delete(key));
      throw error;
    });
    // The page waits for this response, and Kodo gives up after ten seconds, so longer work runs afterwards.
    if (upload.followed_up_at === null) afterAnswer.run(res, () => followUp(upload, store, bucket));
    res.json(answerOf(upload, settings));
  };
  // The signature covers the raw bytes, so the body is neither parsed nor decompressed.
  return Router().post('/', express.raw({ type: () => true, limit: MAX_BODY, inflate: false }), answer);
}

/**
 * Parses the body. Our own tokens request a form. JSON is also accepted if its signature covers the body, for tokens
 * that are signed elsewhere; its numbers are converted to strings, and `null` to an empty string, as in a form.
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
  // The signature covers the URL that Kodo was given; a proxy may have changed host and path.
  const { pathname, host } = new URL(callbackUrl);
  const query = req.originalUrl.split('?')[1];
  const isValid = isSignedByQiniu(
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
  if (!isValid) throw new HttpError(401, 'bad-signature', "The callback's signature is missing or invalid.");
}

function rawBody(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0); // the request has no body
}
