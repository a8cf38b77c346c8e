import type { RejectReason } from '../core/items/reject-reason.js';
import type { CallbackFailureReason, UploadErrorCode } from '../core/items/upload-error.js';
import type { ShellMessages } from './shell-messages.js';

/** The text for each reject reason, by code. */
export type RejectMessages = {
  readonly [C in RejectReason['code']]: (reason: Extract<RejectReason, { readonly code: C }>) => string;
};

/**
 * The action that a file which blocks submission needs, besides removing it: `remove` means that there is none,
 * `confirm` a stored file that the site has not confirmed, `finish` several files that need different actions.
 */
export type Remedy = 'start' | 'resume' | 'choose' | 'retry' | 'remove' | 'confirm' | 'finish';

/** The number of uploads in a batch by outcome, announced in one sentence. */
export interface Outcomes {
  readonly done: number;
  readonly unconfirmed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly rejected: number;
  /** Files that were removed from the list. */
  readonly removed: number;
}

/** All interface texts of one language. File names are untrusted: render them as plain text. */
export interface Messages extends ShellMessages {
  /** Accessible name of the list. */
  readonly files: string;
  /** The number of stored files out of all files in the list. */
  readonly total: (stored: number, files: number) => string;
  /** The number of files with other outcomes: short, shown next to the total. */
  readonly summary: Readonly<
    Record<'rejected' | 'failed' | 'unconfirmed' | 'interrupted' | 'cancelled', (count: number) => string>
  >;
  /** Tooltip of a problem count: pressing it shows only these files. */
  readonly onlyThese: string;
  readonly perSecond: (size: string) => string;
  readonly timeLeft: (time: string) => string;
  readonly totalProgress: string;
  readonly pauseAll: string;
  readonly resumeAll: string;
  readonly retryAll: string;
  readonly cancelAll: string;
  readonly clearFinished: string;
  /** Label of the field that filters files by name. */
  readonly find: string;
  /** The number of matching files out of all files. */
  readonly found: (found: number, all: number) => string;

  readonly queued: string;
  readonly preparing: string;
  readonly uploading: (percent: string) => string;
  readonly confirming: string;
  readonly done: string;
  readonly unconfirmed: string;
  readonly cancelled: string;
  readonly paused: string;
  readonly offline: string;
  /** Backing off before the next attempt. */
  readonly retrying: string;
  readonly elsewhere: string;
  /** The queue is on hold. */
  readonly held: string;
  /** The queue was suspended, because the element was disconnected. */
  readonly suspended: string;
  /** Above the list: a server limits the rate or is overloaded; uploads resume at that time of day. */
  readonly holdUntil: (time: string) => string;
  /** Above the list: the number of files that wait for a hold to end. */
  readonly holdWaiting: (count: number) => string;
  readonly tryNow: string;
  /** The file must be chosen again; its upload resumes at that percentage. */
  readonly interrupted: (percent: string) => string;

  readonly cancel: string;
  readonly pause: string;
  readonly resume: string;
  readonly retry: string;
  readonly remove: string;
  readonly open: string;
  /** Accessible name of a control, with its file: `Cancel photo.jpg`. */
  readonly actionOn: (action: string, fileName: string) => string;
  readonly progressOf: (fileName: string) => string;
  /** Kodo's request ID (`X-Reqid`), to quote to Qiniu's support. */
  readonly requestId: (reqid: string) => string;
  /** Why the callback for a stored file failed. */
  readonly callbackReasons: Readonly<Record<CallbackFailureReason, string>>;
  /** The error message that a server returned. */
  readonly serverSays: (words: string) => string;

  /** What happened and what to do about it. */
  readonly errors: Readonly<Record<UploadErrorCode, string>>;
  readonly rejects: RejectMessages;

  /** Why a form cannot be submitted and what to do about it; names the file if there is only one. */
  readonly unstored: (fileName: string, count: number, remedy: Remedy) => string;

  /** The outcome of one file, for the live region. */
  readonly outcome: (fileName: string, outcome: string) => string;
  /** The outcomes of several files, for the live region. */
  readonly outcomes: (outcomes: Outcomes) => string;
  readonly removed: string;
}
