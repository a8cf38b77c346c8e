import { isAccepted } from './accept-list.js';
import type { ImageRejectReason, ImageRules } from './images/image-rules.js';

export { isAccepted };

/** Why a chosen file is not accepted. */
export type RejectReason =
  /** Its type or extension is not in `accept`. */
  | { readonly code: 'type-not-accepted'; readonly accept: string }
  /** It is larger than `max-size`. */
  | { readonly code: 'file-too-large'; readonly maxSize: number }
  /** It is smaller than `min-size`. */
  | { readonly code: 'file-too-small'; readonly minSize: number }
  /** All files together would be larger than `max-total-size`. */
  | { readonly code: 'total-too-large'; readonly maxTotalSize: number }
  /** The page's own `validator` or `beforeUpload` refused it, with this text; `''` where it gave none. */
  | { readonly code: 'refused'; readonly message: string }
  /** The very file is in the list already. */
  | { readonly code: 'duplicate' }
  /** `max-files` files are already there. */
  | { readonly code: 'too-many-files'; readonly maxFiles: number }
  /** It could not be read when it was dropped: gone, not allowed, or not a file, such as a pipe. */
  | { readonly code: 'unreadable' }
  /** A folder that was dropped or chosen has no files in it; the item's name is the folder's. */
  | { readonly code: 'folder-empty' }
  | ImageRejectReason;

/** What a file must be to be taken. Absent means no limit. */
export interface UploadRules extends ImageRules {
  /** As the `accept` attribute of `<input type="file">`: types, wildcards and extensions, comma-separated. */
  readonly accept?: string | undefined;
  /** Largest size in bytes. */
  readonly maxSize?: number | undefined;
  /** Smallest size in bytes. */
  readonly minSize?: number | undefined;
  /** How many files may be in the list at once, rejected and cancelled ones not counted. */
  readonly maxFiles?: number | undefined;
  /** Bytes that these may have together. */
  readonly maxTotalSize?: number | undefined;
}

/** What the rules look at: a `File`, or anything shaped like one. */
export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * The first rule a file breaks, or nothing; those about pixels are judged before the file's turn comes.
 *
 * @param listed how many files the list holds already, and their bytes
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
