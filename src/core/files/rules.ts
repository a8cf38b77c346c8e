import { isAccepted } from './accept-list.js';
import type { RejectReason } from '../items/reject-reason.js';
import type { ImageRules } from './images/image-rules.js';

export { isAccepted };

/** Rules that a file must meet to be accepted. Default for each: no limit. */
export interface UploadRules extends ImageRules {
  /** Like the `accept` attribute of `<input type="file">`: comma-separated media types, wildcards and extensions. */
  readonly accept?: string | undefined;
  /** Maximum file size in bytes. */
  readonly maxSize?: number | undefined;
  /** Minimum file size in bytes. */
  readonly minSize?: number | undefined;
  /** Maximum number of files in the list; rejected, failed and cancelled files are not counted. */
  readonly maxFiles?: number | undefined;
  /** Maximum total size in bytes of the counted files. */
  readonly maxTotalSize?: number | undefined;
}

/** The properties that rules check: of a `File` or a similar object. */
export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * Returns the reason for the first rule that a file breaks, or `undefined`. Image rules are checked later, just before
 * the upload.
 *
 * @param listed number and total bytes of the files already in the list
 */
export function findRejectReason(
  file: FileFacts,
  rules: UploadRules,
  listed: { readonly count: number; readonly bytes: number },
): RejectReason | undefined {
  const { accept, maxSize, minSize, maxFiles, maxTotalSize } = rules;
  if (accept !== undefined && !isAccepted(file, accept)) return { code: 'type-not-accepted', accept };
  if (maxSize !== undefined && file.size > maxSize) return { code: 'file-too-large', maxSize };
  if (minSize !== undefined && file.size < minSize) return { code: 'file-too-small', minSize };
  if (maxTotalSize !== undefined && listed.bytes + file.size > maxTotalSize) {
    return { code: 'total-too-large', maxTotalSize };
  }
  if (maxFiles !== undefined && listed.count >= maxFiles) return { code: 'too-many-files', maxFiles };
  return undefined;
}
