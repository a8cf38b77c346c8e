import type { SigningKeys } from '../qiniu/callback-signature.js';

/** Settings that the routes need: the bucket, and the limits of uploads. */
export interface UploadSettings {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Previous keys, whose callbacks are still accepted. */
  readonly previousKeys: readonly SigningKeys[];
  readonly bucket: string;
  /** Origin, with or without a path, that serves the bucket's objects. */
  readonly domain: string;
  /** Whether downloads need a signed URL. */
  readonly isPrivate: boolean;
  /** Upload hosts in order of preference, as origins. If empty, the browser queries Qiniu. */
  readonly hosts: readonly string[];
  /** Origin of Kodo's management API. If absent, the SDK looks it up. */
  readonly managementOrigin: string | undefined;
  /** Callback URL. Absent if Kodo cannot reach this server. */
  readonly callbackUrl: string | undefined;
  /** Maximum size of a file, in bytes. */
  readonly maxFileSize: number;
  /**
   * Kodo's `mimeLimit`; `*` allows every type. Default: all types except those that browsers execute; see
   * `object-type.ts`.
   */
  readonly allowedTypes: string | undefined;
  /** Seconds for which a token is valid. */
  readonly tokenLifetime: number;
  /** Maximum number of bytes per user, including unfinished uploads. */
  readonly userQuota: number;
  /** Maximum number of unfinished uploads per user. */
  readonly maxOpenUploads: number;
}
