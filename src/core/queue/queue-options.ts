import type { ConfirmProvider } from '../token/confirm-endpoint.js';
import type { Connectivity } from '../net/connectivity.js';
import type { CompressSettings } from '../files/images/image-rules.js';
import type { KeptFiles } from '../resume/kept-files.js';
import type { ResumeRecords } from '../resume/resume-records.js';
import type { RejectReason, UploadRules } from '../files/rules.js';
import type { TokenProvider } from '../token/token-endpoint.js';
import type { UploadTransport } from '../transport/transport.js';

/** What can be changed while the queue lives; it counts from the next file on. */
export interface UploadQueueSettings {
  /** Where upload tokens come from; without one every upload fails with `token-source-missing`. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** What a file must be to be taken. Default: anything. */
  readonly rules?: UploadRules | undefined;
  /** Looks at each file before it is uploaded; the words it gives refuse the file. */
  readonly validator?: FileValidator | undefined;
  /** Asked just before each file is uploaded: it may refuse it, or put another in its place. */
  readonly beforeUpload?: BeforeUpload | undefined;
  /** Makes pictures smaller before they are uploaded, after the rules and hooks have seen them. Default: as they are. */
  readonly compress?: CompressSettings | undefined;
  /** Requests at once, shared by files and parts of files. Default 6: what browsers allow an HTTP/1.1 host. */
  readonly concurrency?: number | undefined;
  /** Whether files wait for `start()`. Default: they go at once. */
  readonly manual?: boolean | undefined;
  /** Up hosts to use where the token route names none, as origins; a bare host means https. */
  readonly upHosts?: readonly string[] | undefined;
  /** Region of the bucket (`z0`, `z1`, …), used where neither the token route nor `upHosts` names a host. */
  readonly region?: string | undefined;
  /** Origin, with or without a path, that serves the bucket, where the token route names none. */
  readonly domain?: string | undefined;
  /** Asked for the reply when a callback failed (579) or a reply was lost; without it such a file stays `unconfirmed`. */
  readonly confirmProvider?: ConfirmProvider | undefined;
  /** Failures in a row, with no progress in between, after which an upload has failed. Default 5. */
  readonly retries?: number | undefined;
  /**
   * Milliseconds without progress, with bytes left to send, after which an attempt counts as stalled. While only the
   * answer is missing, the limit grows with the bytes sent and the speed seen. Default 30,000.
   */
  readonly stallTimeout?: number | undefined;
  /** Milliseconds that `tokenProvider` and `confirmProvider` may take. Default 60,000. */
  readonly providerTimeout?: number | undefined;
  /**
   * Milliseconds that `validator` and `beforeUpload` may take together. Default: no limit, because they may open a
   * dialog.
   */
  readonly hookTimeout?: number | undefined;
  /** Whether the stored object's hash, where the reply names it, is compared with the file's. Default: yes. */
  readonly verify?: boolean | undefined;
  /** Whether uploads in parts go on after a reload. Default: yes, where the page is HTTPS or localhost. */
  readonly resume?: boolean | undefined;
  /** Keeps apart uploads of different parts of a site, e.g. the token route's address. Default `''`. */
  readonly resumeScope?: string | undefined;
  /** Whether the same file may be in the list twice. Default: the second is rejected. */
  readonly duplicates?: 'allow' | 'reject' | undefined;
}

export interface UploadQueueOptions extends UploadQueueSettings {
  /** What sends the bytes to Kodo. */
  readonly transport: UploadTransport;
  /** Whether there is a network. Default: `navigator.onLine`. */
  readonly connectivity?: Connectivity | undefined;
  /** Where the progress of uploads is kept over a reload. Default: the page's `localStorage`. */
  readonly resumeRecords?: ResumeRecords | undefined;
  /** Where small files are kept over a reload. Default: IndexedDB. */
  readonly keptFiles?: KeptFiles | undefined;
}

/** @throws {TypeError} when a setting is not of its kind */
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
  throw new TypeError(`${name} must be a whole number of at least ${least}, not ${String(value)}.`);
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`${name} must be a function, not ${typeof value}.`);
}

/** Gives nothing where a file is right, else the words why it is not, for the visitor; aborted with the upload. */
export type FileValidator = (
  file: File,
  options: { readonly signal: AbortSignal },
) => string | undefined | Promise<string | undefined>;

/** Gives nothing, or words that refuse the file, or the file to upload in its place, e.g. a smaller picture. */
export type BeforeUpload = (
  file: File,
  options: { readonly signal: AbortSignal },
) => BeforeUploadAnswer | Promise<BeforeUploadAnswer>;

export type BeforeUploadAnswer = undefined | { readonly refuse: string } | { readonly replace: File };

/** A file with what is known of where it comes from. */
export interface FileEntry {
  readonly file: File;
  /** Path relative to the chosen folder, with `/` between its parts, when it came out of one. */
  readonly path?: string | undefined;
  /**
   * The file's handle, as `showOpenFilePicker()` gives it: after a reload the upload goes on without choosing the file
   * again, whatever its size. https://developer.mozilla.org/docs/Web/API/FileSystemFileHandle
   */
  readonly handle?: FileSystemFileHandle | undefined;
  /** Why the file is not taken, where that is known already: it is listed as `rejected` with this reason. */
  readonly rejected?: RejectReason | undefined;
}

/** A file that is stored already, to be shown among the others. */
export interface StoredFile {
  readonly name: string;
  /** The object's key. */
  readonly key?: string | undefined;
  /** Where it can be fetched. Default: its key under the bucket's domain. */
  readonly url?: string | undefined;
  /** Bytes. Default 0: unknown. */
  readonly size?: number | undefined;
  /** Media type. Default `''`: unknown. */
  readonly type?: string | undefined;
  readonly hash?: string | undefined;
  /** What the callback answered, where that is known. */
  readonly response?: unknown;
}
