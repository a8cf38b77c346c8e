import qiniu from 'qiniu';
import { mimeLimitOf } from './object-type.js';
import type { UploadSettings } from '../uploads/upload-settings.js';

/** How the client hears of the end: by the callback's reply, or by `returnBody` alone. */
export type ReplyWay = 'callback' | 'return-body';
/** Who names the object: this server, or the policy's `saveKey`. */
export type ObjectName = { readonly key: string } | { readonly saveKey: string };

/** An upload that a policy is written for. */
export interface PolicyRequest {
  /** This server's own name of the upload. */
  readonly id: string;
  /** The object's key, or what Kodo makes it of when the bytes are there. */
  readonly name: ObjectName;
  /** Bytes that the file has, as the client says: it cannot send more. */
  readonly size: number;
  readonly reply: ReplyWay;
  /** Whom the upload belongs to. */
  readonly endUser: string;
  /** Until when the token is good, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The fields of a put policy that we use. */
interface PutPolicy {
  readonly scope: string;
  /** Seconds; the SDK makes the deadline of it. */
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

/** What Kodo tells the callback, besides our own id. Form-encoded, because `QBox` does not sign a JSON body. */
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
    // Kodo looks at the content first: what the client states is not believed.
    detectMime: 1,
    // Kodo takes 0 as no limit at all.
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

/** https://developer.qiniu.com/kodo/1206/put-policy; `expires` is the SDK's. */
const FIELDS = new Set(
  (
    'scope isPrefixalScope expires deadline insertOnly endUser returnUrl returnBody callbackUrl callbackHost ' +
    'callbackBody callbackBodyType callbackFetchKey persistentOps persistentNotifyUrl persistentPipeline ' +
    'persistentType persistentWorkflowTemplateID forceSaveKey saveKey fsizeMin fsizeLimit detectMime mimeLimit ' +
    'fileType deleteAfterDays trafficLimit keylimit transform transformFallbackMode transformFallbackKey'
  ).split(' '),
);

/** Kodo ignores a field that it does not know, and with it the limit that was meant. @throws {TypeError} */
export function checkFields(policy: object): void {
  const unknown = Object.keys(policy).filter((name) => !FIELDS.has(name));
  if (unknown.length > 0) throw new TypeError(`A put policy has no field ${unknown.join(', ')}: Kodo would ignore it.`);
}
