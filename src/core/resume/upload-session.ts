import type { StoredParts } from '../transport/transport.js';
import type { UploadGrant } from '../token/token-grant.js';
import type { UploadError } from '../items/upload-error.js';

/**
 * What is known of one file's upload between attempts, pauses and retries.
 *
 * It never leaves memory: no token is stored anywhere.
 */
export class UploadSession {
  /** The business server's own name for the upload. */
  id: string | undefined;
  /** The object's key, as the business server named it. */
  key: string | undefined;
  /** The token in use; dropped when it is refused. */
  grant: UploadGrant | undefined;
  /** The multipart upload in Kodo, with what is stored of it. */
  stored: StoredParts | undefined;
  /** The up host that the last attempt used. */
  host: string | undefined;
  /** Whether all bytes of an attempt were sent and no answer came: the file may be stored. */
  mayBeStored = false;
  /** Why the business server has to be asked what became of the file, as long as it has not answered. */
  unconfirmed: UploadError | undefined;
  /** Attempts in a row that ended because nothing moved, with nothing stored in between. */
  stalls = 0;
  /** Bytes of a part, where it is smaller than usual because larger ones did not get through. */
  partSize: number | undefined;

  /** Starts over, with another key if the business server names one. */
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
