import type { FileCheckSettings } from '../files/check-settings.js';
import type { UploadSettings } from '../upload/upload-settings.js';
import type { Connectivity } from '../net/connectivity.js';
import type { KeptFiles } from '../resume/kept-files.js';
import type { ResumeRecords } from '../resume/resume-records.js';
import type { UploadTransport } from '../transport/transport.js';

/** Settings that can be changed at any time; a change applies from the next file on. */
export interface UploadQueueSettings extends FileCheckSettings, UploadSettings {
  /** Whether files wait for `start()`. Default: uploads start at once. */
  readonly manual?: boolean | undefined;
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
