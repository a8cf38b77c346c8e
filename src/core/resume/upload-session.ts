import type { StoredParts } from '../transport/transport.js';
import type { UploadGrant } from '../token/token-grant.js';
import type { UploadError } from '../items/upload-error.js';

/**
 * The state of one file's upload, kept between attempts, pauses and retries.
 *
 * In memory only, because it contains the token, which must not be stored.
 */
export class UploadSession {
  /** The business server's ID of the upload. */
  id: string | undefined;
  /** The object's key from the token response. */
  key: string | undefined;
  /** The token in use; dropped when Kodo refuses it. */
  grant: UploadGrant | undefined;
  /** The multipart upload in Kodo with its stored parts. */
  stored: StoredParts | undefined;
  /** The up host of the last attempt. */
  host: string | undefined;
  /** Whether all bytes of an attempt were sent without a response: the file may be stored. */
  mayBeStored = false;
  /** The error after which the upload must be confirmed, until it is. */
  unconfirmed: UploadError | undefined;
  /** Consecutive stalled attempts, with nothing stored in between. */
  stalls = 0;
  /** Part size in bytes, if it was reduced because larger parts stalled. */
  partSize: number | undefined;

  /** Starts over, possibly with a new key from the business server. */
  reset(): void {
    this.id = undefined;
    this.key = undefined;
    this.grant = undefined;
    this.unconfirmed = undefined;
    this.forgetParts();
  }

  forgetParts(): void {
    this.stored = undefined;
    this.mayBeStored = false;
  }
}
