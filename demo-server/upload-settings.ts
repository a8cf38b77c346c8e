/** The bucket that uploads go to, and what may be uploaded: what the routes need to know. */
export interface UploadSettings {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** Origin, with or without a path, that serves the bucket's objects. */
  readonly domain: string;
  /** Up hosts in order of preference, as origins; empty lets the browser ask Qiniu. */
  readonly hosts: readonly string[];
  /** Origin of Kodo's management calls; absent lets the SDK find it. */
  readonly managementOrigin: string | undefined;
  /** Where Kodo reports a finished upload; absent where it could not reach this server. */
  readonly callbackUrl: string | undefined;
  /** Bytes. */
  readonly maxFileSize: number;
  /** Kodo's `mimeLimit`. */
  readonly allowedTypes: string | undefined;
  /** Seconds that a token is good for. */
  readonly tokenLifetime: number;
}
