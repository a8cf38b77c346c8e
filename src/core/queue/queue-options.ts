import type { ConfirmProvider } from '../token/confirm-endpoint.js';
import type { Connectivity } from '../net/connectivity.js';
import type { CompressSettings } from '../files/images/image-rules.js';
import type { KeptFiles } from '../resume/kept-files.js';
import type { ResumeRecords } from '../resume/resume-records.js';
import type { RejectReason, UploadRules } from '../files/rules.js';
import type { TokenProvider } from '../token/token-endpoint.js';
import type { UploadTransport } from '../transport/transport.js';

/** Settings that can be changed at any time; a change applies from the next file on. */
export interface UploadQueueSettings {
  /** Provides upload tokens; without it, every upload fails with `token-source-missing`. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** Rules that a file must meet. Default: every file is accepted. */
  readonly rules?: UploadRules | undefined;
  /** Checks each file before its upload; returning a message rejects the file. */
  readonly validator?: FileValidator | undefined;
  /** Called just before each upload; can reject the file or replace it. */
  readonly beforeUpload?: BeforeUpload | undefined;
  /** Compresses images before their upload, after rules and hooks have run. Default: no compression. */
  readonly compress?: CompressSettings | undefined;
  /** Concurrent requests, shared by files and their parts. Default 6, the browsers' limit for an HTTP/1.1 host. */
  readonly concurrency?: number | undefined;
  /** Whether files wait for `start()`. Default: uploads start at once. */
  readonly manual?: boolean | undefined;
  /** Up hosts to use if the token response has no `hosts`, as origins; a bare host means https. */
  readonly upHosts?: readonly string[] | undefined;
  /** Region of the bucket (`z0`, `z1`, …), used if neither the token response nor `upHosts` has a host. */
  readonly region?: string | undefined;
  /** Origin, with or without a path, that serves the bucket; used if the token response has no `domain`. */
  readonly domain?: string | undefined;
  /** Fetches the response after a failed callback (579) or a lost one; without it, such a file stays `unconfirmed`. */
  readonly confirmProvider?: ConfirmProvider | undefined;
  /** Maximum consecutive retries without progress. Default 5. */
  readonly retries?: number | undefined;
  /**
   * Milliseconds without progress, with bytes left to send, after which an attempt counts as stalled. While an attempt
   * waits only for the response, the limit depends on the bytes sent and the measured speed. Default 30,000.
   */
  readonly stallTimeout?: number | undefined;
  /** Timeout of `tokenProvider` and `confirmProvider` in milliseconds. Default 60,000. */
  readonly providerTimeout?: number | undefined;
  /**
   * Timeout of `validator` and `beforeUpload` together, in milliseconds. Default: none, because they may open a dialog.
   */
  readonly hookTimeout?: number | undefined;
  /** Whether to compare the stored object's hash, if the response contains it, with the file's. Default `true`. */
  readonly verify?: boolean | undefined;
  /** Whether multipart uploads can resume after a reload. Default `true`; only on HTTPS or localhost. */
  readonly resume?: boolean | undefined;
  /** Namespace for resume records, e.g. the token route's URL, so that parts of a site don't mix. Default `''`. */
  readonly resumeScope?: string | undefined;
  /** Whether the same file can be in the list twice. Default `reject`. */
  readonly duplicates?: 'allow' | 'reject' | undefined;
}

export interface UploadQueueOptions extends UploadQueueSettings {
  /** Sends the bytes to Kodo. */
  readonly transport: UploadTransport;
  /** Reports whether the browser is online. Default: `navigator.onLine`. */
  readonly connectivity?: Connectivity | undefined;
  /** Stores upload progress across reloads. Default: the page's `localStorage`. */
  readonly resumeRecords?: ResumeRecords | undefined;
  /** Stores small files and file handles across reloads. Default: IndexedDB. */
  readonly keptFiles?: KeptFiles | undefined;
}

/** Validates settings. @throws {TypeError} if a setting has an invalid value */
export function checkSettings(settings: UploadQueueSettings): void {
  checkNumber('concurrency', settings.concurrency, 1);
  checkNumber('retries', settings.retries, 0);
  checkNumber('stallTimeout', settings.stallTimeout, 1);
  checkNumber('providerTimeout', settings.providerTimeout, 1);
  checkNumber('hookTimeout', settings.hookTimeout, 1);
  checkFunction('tokenProvider', settings.tokenProvider);
  checkFunction('confirmProvider', settings.confirmProvider);
  checkFunction('validator', settings.validator);
  checkFunction('beforeUpload', settings.beforeUpload);
}

function checkNumber(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new TypeError(`${name} must be an integer of at least ${least}, not ${String(value)}.`);
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`${name} must be a function, not ${typeof value}.`);
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
