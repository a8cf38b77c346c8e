import { randomUUID } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { HttpError } from '../http-error.js';
import { newObjectKey, newSaveKey } from '../object-key.js';
import { signUploadToken, type ObjectName } from '../put-policy.js';
import { findOwn } from '../record-upload.js';
import { endUserOf } from '../session.js';
import { isStored, type IssuedUpload, type Store } from '../store.js';
import type { UploadSettings } from '../upload-settings.js';
import { answerOf } from '../uploads-answer.js';

/** What the element says of a file. */
const fileSchema = z.object({
  name: z.string().min(1).max(4096),
  size: z.coerce.number().int().nonnegative(),
  type: z.string().max(255).default(''),
  path: z.string().max(4096).optional(),
  /** Only to renew or resume. */
  id: z.string().min(1).max(64).optional(),
});

/** Which of the tutorial's ways to take; both are chosen by the page's `token-endpoint`. */
const waySchema = z.object({
  reply: z.enum(['callback', 'return-body']).default('callback'),
  naming: z.enum(['key', 'save-key']).default('key'),
});

export interface TokenRouteOptions {
  readonly settings: UploadSettings;
  readonly store: Store;
}

/** `POST /api/uploads/token` with a JSON body, or `GET` with a query: an upload token for one file. */
export function tokenRoute({ settings, store }: TokenRouteOptions): Router {
  const answer = async (req: Request, res: Response): Promise<void> => {
    const { reply, naming } = parse(waySchema, req.query);
    const file = parse(fileSchema, req.method === 'GET' ? req.query : req.body);
    if (file.size > settings.maxFileSize) {
      throw new HttpError(
        413,
        'file-too-large',
        `The file has ${file.size} bytes; ${settings.maxFileSize} are allowed.`,
      );
    }
    const endUser = endUserOf(res);
    const known = file.id === undefined ? undefined : await findOwn(store, file.id, endUser);
    if (known !== undefined && isStored(known)) {
      // It is here: nothing is sent, and the page gets what the callback was answered.
      const { key, hash } = known;
      res.set('cache-control', 'no-store').json({ id: known.id, key, hash, response: answerOf(known, settings) });
      return;
    }
    const upload = known ?? (await begin(file, naming === 'save-key', endUser));
    if (known !== undefined && !(await store.renew(known.id, inTime()))) {
      throw new HttpError(404, 'upload-unknown', 'This upload has expired. Ask without an id for a new one.');
    }
    const key = upload.key ?? undefined;
    res.set('cache-control', 'no-store').json({
      token: signUploadToken(settings, { id: upload.id, name: nameOf(upload), size: upload.size, reply, endUser }),
      id: upload.id,
      key,
      hosts: settings.hosts.length > 0 ? settings.hosts : undefined,
      domain: settings.domain,
      expiresIn: settings.tokenLifetime,
    });
  };

  const inTime = (): number => Date.now() + settings.tokenLifetime * 1000;

  const begin = async (
    file: z.infer<typeof fileSchema>,
    bySaveKey: boolean,
    endUser: string,
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
      expires_at: inTime(),
    };
    if (await store.issueWithin(settings.userQuota, upload)) return upload;
    throw new HttpError(403, 'quota-exceeded', 'There is no room for this file. Delete others first.');
  };

  return Router().get('/', answer).post('/', answer);
}

function nameOf({ key, save_key: saveKey }: IssuedUpload): ObjectName {
  if (key !== null) return { key };
  if (saveKey !== null) return { saveKey };
  throw new HttpError(404, 'upload-unknown', 'This upload has no name any more. Ask without an id for a new one.');
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
