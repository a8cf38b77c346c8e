import type { RejectReason } from './reject-reason.js';

/** A file with its origin. */
export interface FileEntry {
  readonly file: File;
  /** Path relative to the chosen folder, with `/` as separator, if the file comes from a folder. */
  readonly path?: string | undefined;
  /**
   * The file's handle from `showOpenFilePicker()`: with it, the upload can resume after a reload without choosing the
   * file again, whatever its size. https://developer.mozilla.org/docs/Web/API/FileSystemFileHandle
   */
  readonly handle?: FileSystemFileHandle | undefined;
  /** Set to reject the file: it is listed as `rejected` with this reason. */
  readonly rejected?: RejectReason | undefined;
}

/** A file that is already stored, to show in the list. */
export interface StoredFile {
  readonly name: string;
  /** The object's key. */
  readonly key?: string | undefined;
  /** URL of the object. Default: the bucket's domain followed by the key. */
  readonly url?: string | undefined;
  /** Size in bytes. Default 0: unknown. */
  readonly size?: number | undefined;
  /** Media type. Default `''`: unknown. */
  readonly type?: string | undefined;
  readonly hash?: string | undefined;
  /** The callback's response, if known. */
  readonly response?: unknown;
}
