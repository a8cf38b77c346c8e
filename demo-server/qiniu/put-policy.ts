import qiniu from 'qiniu';
import { mimeLimitOf } from './object-type.js';
import type { UploadSettings } from '../uploads/upload-settings.js';

/** Source of the response that the client receives: the callback, or `returnBody`. */
export type ReplySource = 'callback' | 'return-body';
/** The object's name: a key chosen by this server, or the policy's `saveKey`. */
export type ObjectName = { readonly key: string } | { readonly saveKey: string };

/** The upload that a policy is created for. */
export interface PolicyRequest {
  /** This server's id of the upload. */
  readonly id: string;
  /** The object's key, or the template from which Kodo creates it when the file is stored. */
  readonly name: ObjectName;
  /** Size of the file in bytes as declared by the client, which cannot send more. */
  readonly size: number;
  readonly reply: ReplySource;
  /** The user that owns the upload. */
  readonly endUser: string;
  /** Expiry of the token, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The fields of a put policy that we use. */
interface PutPolicy {
  readonly scope: string;
  /** Seconds, from which the SDK computes `deadline`. */
  readonly expires: number;
  readonly insertOnly: 0 | 1;
  readonly detectMime: -1 | 0 | 1;
  readonly fsizeLimit: number;
  readonly endUser: string;
  readonly mimeLimit?: string;
  readonly saveKey?: string;
  readonly forceSaveKey?: boolean;
  readonly returnBody?: string;
  readonly callbackUrl?: string;
  readonly callbackBody?: string;
  readonly callbackBodyType?: string;
}

const RETURN_BODY =
  '{"key":$(key),"hash":$(etag),"size":$(fsize),"type":$(mimeType),"name":$(fname),' +
  '"width":$(imageInfo.width),"height":$(imageInfo.height)}';

/** The callback's body, in addition to our id. Form-encoded, because `QBox` does not sign a JSON body. */
const CALLBACK_BODY =
  'bucket=$(bucket)&key=$(key)&hash=$(etag)&fsize=$(fsize)&mimeType=$(mimeType)' +
  '&width=$(imageInfo.width)&height=$(imageInfo.height)&endUser=$(endUser)';

/**
 * Signs an upload token for one upload.
 *
 * Source of the fields: https://developer.qiniu.com/kodo/1206/put-policy
 */
export function signUploadToken(settings: UploadSettings, request: PolicyRequest): string {
  const { bucket, callbackUrl } = settings;
  const { id, name, size, reply, endUser, expiresAt } = request;
  const mimeLimit = mimeLimitOf(settings.allowedTypes);
  const policy: PutPolicy = {
    scope: 'key' in name ? `${bucket}:${name.key}` : bucket,
    expires: Math.floor(expiresAt / 1000) - Math.floor(Date.now() / 1000),
    insertOnly: 1,
    // Kodo detects the type from the content first, so the type declared by the client is not trusted.
    detectMime: 1,
    // Kodo treats 0 as no limit.
    fsizeLimit: Math.max(1, size),
    endUser,
    ...(mimeLimit === undefined ? {} : { mimeLimit }),
    ...('saveKey' in name ? { saveKey: name.saveKey, forceSaveKey: true } : {}),
    ...(reply === 'return-body' || callbackUrl === undefined
      ? { returnBody: RETURN_BODY }
      : {
          callbackUrl,
          callbackBody: `id=${encodeURIComponent(id)}&${CALLBACK_BODY}`,
          callbackBodyType: 'application/x-www-form-urlencoded',
        }),
  };
  checkFields(policy);
  const mac = new qiniu.auth.digest.Mac(settings.accessKey, settings.secretKey);
  return new qiniu.rs.PutPolicy({ ...policy }).uploadToken(mac);
}

/** Fields of a put policy (https://developer.qiniu.com/kodo/1206/put-policy), and the SDK's `expires`. */
const FIELDS = new Set(
  (
    'scope isPrefixalScope expires deadline insertOnly endUser returnUrl returnBody callbackUrl callbackHost ' +
    'callbackBody callbackBodyType callbackFetchKey persistentOps persistentNotifyUrl persistentPipeline ' +
    'persistentType persistentWorkflowTemplateID forceSaveKey saveKey fsizeMin fsizeLimit detectMime mimeLimit ' +
    'fileType deleteAfterDays trafficLimit keylimit transform transformFallbackMode transformFallbackKey'
  ).split(' '),
);

/**
 * Rejects misspelled fields, which Kodo would ignore together with the limit that they were meant to set.
 *
 * @throws {TypeError} naming the unknown fields
 */
export function checkFields(policy: object): void {
  const unknown = Object.keys(policy).filter((name) => !FIELDS.has(name));
  if (unknown.length > 0) throw new TypeError(`A put policy has no field ${unknown.join(', ')}: Kodo would ignore it.`);
}
