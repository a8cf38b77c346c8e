import type { CompressSettings } from './images/image-rules.js';
import type { UploadRules } from './rules.js';

/** Settings that decide whether and how a file is uploaded. */
export interface FileCheckSettings {
  /** Rules that a file must meet. Default: every file is accepted. */
  readonly rules?: UploadRules | undefined;
  /** Checks each file before its upload; returning a message rejects the file. */
  readonly validator?: FileValidator | undefined;
  /** Called just before each upload; can reject the file or replace it. */
  readonly beforeUpload?: BeforeUpload | undefined;
  /** Compresses images before their upload, after rules and hooks have run. Default: no compression. */
  readonly compress?: CompressSettings | undefined;
  /**
   * Timeout of `validator` and `beforeUpload` together, in milliseconds. Default: none, because they may open a dialog.
   */
  readonly hookTimeout?: number | undefined;
}

/**
 * Returns `undefined` to accept a file, or a message for the visitor to reject it. The signal aborts with the upload or
 * on timeout.
 */
export type FileValidator = (
  file: File,
  options: { readonly signal: AbortSignal },
) => string | undefined | Promise<string | undefined>;

/**
 * Returns `undefined` to accept a file, `{refuse: message}` to reject it, or `{replace: file}` to upload another file
 * instead, e.g. a smaller image. The signal aborts with the upload or on timeout.
 */
export type BeforeUpload = (
  file: File,
  options: { readonly signal: AbortSignal },
) => BeforeUploadAnswer | Promise<BeforeUploadAnswer>;

export type BeforeUploadAnswer = undefined | { readonly refuse: string } | { readonly replace: File };
