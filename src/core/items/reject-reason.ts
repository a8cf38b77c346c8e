/** Width and height in pixels, as displayed: with the orientation applied. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Why an image is rejected. */
export type ImageRejectReason =
  /** It is smaller than `min-image-size`. */
  | ({ readonly code: 'image-too-small'; readonly min: Partial<ImageSize> } & ImageSize)
  /** It is larger than `max-image-size`. */
  | ({ readonly code: 'image-too-large'; readonly max: Partial<ImageSize> } & ImageSize)
  /** Its size cannot be determined: it is damaged, or the browser does not support its format. */
  | { readonly code: 'image-unreadable' };

/** Why a file is rejected. */
export type RejectReason =
  /** Neither its type nor its extension matches `accept`. */
  | { readonly code: 'type-not-accepted'; readonly accept: string }
  /** It is larger than `max-size`. */
  | { readonly code: 'file-too-large'; readonly maxSize: number }
  /** It is smaller than `min-size`. */
  | { readonly code: 'file-too-small'; readonly minSize: number }
  /** The total size would exceed `max-total-size`. */
  | { readonly code: 'total-too-large'; readonly maxTotalSize: number }
  /** The page's `validator` or `beforeUpload` rejected it with this message; `''` if it gave none. */
  | { readonly code: 'refused'; readonly message: string }
  /** The same file is already in the list. */
  | { readonly code: 'duplicate' }
  /** The list already contains `max-files` files. */
  | { readonly code: 'too-many-files'; readonly maxFiles: number }
  /** It could not be read when it was dropped: it is missing, access is denied, or it is not a file, such as a pipe. */
  | { readonly code: 'unreadable' }
  /** The dropped or chosen folder contains no files; the item's name is the folder's name. */
  | { readonly code: 'folder-empty' }
  | ImageRejectReason;
