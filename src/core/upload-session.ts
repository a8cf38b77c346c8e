import type { StoredParts } from './transport.js';
import type { UploadGrant } from './token-grant.js';

/**
 * What is kept of one file's upload between attempts, pauses and retries: the one mutable thing in it.
 *
 * Only `runUpload` writes to it, and it never leaves memory: of a token nothing is stored.
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
  /** Whether all bytes of an attempt were out and no answer came: the file may be stored. */
  mayBeStored = false;

  /** Begins afresh, with another key if the business server gives one. */
  reset(): void {
    this.id = undefined;
    this.key = undefined;
    this.grant = undefined;
    this.forgetParts();
  }

  forgetParts(): void {
    this.stored = undefined;
    this.mayBeStored = false;
  }
}
