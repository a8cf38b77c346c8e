import { randomUUID } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { newObjectKey, newSaveKey } from '../qiniu/object-key.js';
import { isTypeAllowed } from '../qiniu/object-type.js';
import { signUploadToken, type ObjectName } from '../qiniu/put-policy.js';
import { findOwn } from '../uploads/record-upload.js';
import type { Services } from '../services.js';
import { isStored, type IssuedUpload } from '../uploads/store.js';
import { answerOf } from '../uploads/uploads-answer.js';
import { HttpError } from '../web/http-error.js';
import { endUserOf } from '../web/session.js';
import { textField } from '../web/text-field.js';

/** `Retry-After` in seconds if a user has too many unfinished uploads. */
const OPEN_RETRY_AFTER = 60;

/** The element's request: the file for which a token is requested. */
const fileSchema = z.object({
  name: textField(4096).min(1),
  /** A string in a query. */
  size: z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,16}$/)
          .transform(Number),
      ],
      'must be a whole number of bytes',
    )
    .pipe(z.number().int().nonnegative()),
  type: textField(255).default(''),
  path: textField(4096).optional(),
  /** Only to renew a token or resume an upload. */
  id: textField(64).min(1).optional(),
});

/** Variants that the page's `token-endpoint` selects in its query. */
const variantSchema = z.object({
  reply: z.enum(['callback', 'return-body']).default('callback'),
  naming: z.enum(['key', 'save-key']).default('key'),
});

/** `POST /api/uploads/token` with a JSON body, or `GET` with a query: issues an upload token for one file. */
export function tokenRoute({ settings, store }: Pick<Services, 'settings' | 'store'>): Router {
  const answer = async (req: Request, res: Response): Promise<void> => {
    const { reply, naming } = parse(variantSchema, req.query);
    const file = parse(fileSchema, req.method === 'GET' ? req.query : req.body);
    if (file.size > settings.maxFileSize) {
      throw new HttpError(
        413,
        'file-too-large',
        `The file has ${file.size} bytes. The maximum is ${settings.maxFileSize}.`,
      );
    }
    if (!isTypeAllowed(file.type, settings.allowedTypes)) {
      throw new HttpError(
        415,
        'type-forbidden',
        `Files of type ${file.type} are not allowed because browsers execute them.`,
      );
    }
    const endUser = endUserOf(res);
    const known = file.id === undefined ? undefined : await findOwn(store, file.id, endUser);
    if (known !== undefined && isStored(known)) {
      // The file is stored, so nothing is sent, and the page gets the response of the callback.
      const { key, hash } = known;
      res.set('cache-control', 'no-store').json({ id: known.id, key, hash, response: answerOf(known, settings) });
      return;
    }
    const expiresAt = Date.now() + settings.tokenLifetime * 1000;
    const upload = known ?? (await begin(file, naming === 'save-key', endUser, expiresAt));
    // A single statement, so that an upload that has just expired is not renewed, and a renewed one keeps its row.
    if (known !== undefined && !(await store.renew(known.id, expiresAt))) {
      throw new HttpError(404, 'upload-unknown', 'This upload has expired. Request a new token without an id.');
    }
    const key = upload.key ?? undefined;
    res.set('cache-control', 'no-store').json({
      token: signUploadToken(settings, {
        id: upload.id,
        name: nameOf(upload),
        size: upload.size,
        reply,
        endUser,
        expiresAt,
      }),
      id: upload.id,
      key,
      hosts: settings.hosts.length > 0 ? settings.hosts : undefined,
      domain: settings.domain,
      expiresIn: settings.tokenLifetime,
    });
  };

  const begin = async (
    file: z.infer<typeof fileSchema>,
    bySaveKey: boolean,
    endUser: string,
    expiresAt: number,
  ): Promise<IssuedUpload> => {
    const upload: IssuedUpload = {
      id: randomUUID(),
      bucket: settings.bucket,
      key: bySaveKey ? null : newObjectKey(file.name),
      save_key: bySaveKey ? newSaveKey(file.name) : null,
      name: file.name,
      size: file.size,
      type: file.type,
      end_user: endUser,
      expires_at: expiresAt,
    };
    switch (await store.issueWithin({ bytes: settings.userQuota, open: settings.maxOpenUploads }, upload)) {
      case 'issued':
        return upload;
      case 'bytes':
        throw new HttpError(
          403,
          'quota-exceeded',
          'Your quota is exceeded. Delete other files; their space is freed when their tokens expire.',
        );
      case 'open':
        throw new HttpError(
          429,
          'too-many-open',
          'Too many unfinished uploads. Finish some of them, or try again later.',
          {
            retryAfter: OPEN_RETRY_AFTER,
          },
        );
    }
  };

  return Router().get('/', answer).post('/', answer);
}

function nameOf({ key, save_key: saveKey }: IssuedUpload): ObjectName {
  if (key !== null) return { key };
  if (saveKey !== null) return { saveKey };
  throw new HttpError(404, 'upload-unknown', 'This upload has no object key. Request a new token without an id.');
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new HttpError(
    400,
    'bad-request',
    `${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'not valid'}.`,
  );
}
