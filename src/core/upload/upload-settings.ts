import type { ConfirmProvider } from '../token/confirm-endpoint.js';
import type { TokenProvider } from '../token/token-provider.js';

/** Settings of each upload. */
export interface UploadSettings {
  /** Provides upload tokens; without it, every upload fails with `token-source-missing`. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** Fetches the response after a failed callback (579) or a lost one; without it, such a file stays `unconfirmed`. */
  readonly confirmProvider?: ConfirmProvider | undefined;
  /** Concurrent requests, shared by files and their parts. Default 6, the browsers' limit for an HTTP/1.1 host. */
  readonly concurrency?: number | undefined;
  /** Up hosts to use if the token response has no `hosts`, as origins; a bare host means https. */
  readonly upHosts?: readonly string[] | undefined;
  /** Region of the bucket (`z0`, `z1`, …), used if neither the token response nor `upHosts` has a host. */
  readonly region?: string | undefined;
  /** Origin, with or without a path, that serves the bucket; used if the token response has no `domain`. */
  readonly domain?: string | undefined;
  /** Maximum consecutive retries without progress. Default 5. */
  readonly retries?: number | undefined;
  /**
   * Milliseconds without progress, with bytes left to send, after which an attempt counts as stalled. While an attempt
   * waits only for the response, the limit depends on the bytes sent and the measured speed. Default 30,000.
   */
  readonly stallTimeout?: number | undefined;
  /** Timeout of `tokenProvider` and `confirmProvider` in milliseconds. Default 60,000. */
  readonly providerTimeout?: number | undefined;
  /** Whether to compare the stored object's hash, if the response contains it, with the file's. Default `true`. */
  readonly verify?: boolean | undefined;
  /** Whether multipart uploads can resume after a reload. Default `true`; only on HTTPS or localhost. */
  readonly resume?: boolean | undefined;
  /** Namespace for resume records, e.g. the token route's URL, so that parts of a site don't mix. Default `''`. */
  readonly resumeScope?: string | undefined;
}
