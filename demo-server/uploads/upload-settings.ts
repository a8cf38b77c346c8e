import type { SigningKeys } from '../qiniu/callback-signature.js';

/** The bucket that uploads go to, and what may be uploaded: what the routes need to know. */
export interface UploadSettings {
  readonly accessKey: string;
  readonly secretKey: string;
  /** Keys of before, whose callbacks are still believed. */
  readonly previousKeys: readonly SigningKeys[];
  readonly bucket: string;
  /** Origin, with or without a path, that serves the bucket's objects. */
  readonly domain: string;
  /** Whether downloads need a signed address. */
  readonly isPrivate: boolean;
  /** Up hosts in order of preference, as origins; empty lets the browser ask Qiniu. */
  readonly hosts: readonly string[];
  /** Origin of Kodo's management calls; absent lets the SDK find it. */
  readonly managementOrigin: string | undefined;
  /** Where Kodo reports a finished upload; absent where it could not reach this server. */
  readonly callbackUrl: string | undefined;
  /** Bytes. */
  readonly maxFileSize: number;
  /** Kodo's `mimeLimit`; `*` allows every type. Absent: all but those that browsers run; see `object-type.ts`. */
  readonly allowedTypes: string | undefined;
  /** Seconds that a token is good for. */
  readonly tokenLifetime: number;
  /** Bytes that one user may have, with those on their way. */
  readonly userQuota: number;
  /** Uploads that one user may have begun and not finished. */
  readonly maxOpenUploads: number;
}
