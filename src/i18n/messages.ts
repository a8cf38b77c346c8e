import type { RejectReason } from '../core/files/rules.js';
import type { CallbackFailureReason, UploadErrorCode } from '../core/items/upload-error.js';
import type { ShellMessages } from './shell-messages.js';

/** The sentence for each reason to reject a file, by code. */
export type RejectMessages = {
  readonly [C in RejectReason['code']]: (reason: Extract<RejectReason, { readonly code: C }>) => string;
};

/**
 * What can be done about a file that is not stored, beside removing it: `remove` stands for nothing, `confirm` for a
 * stored file that the site has not confirmed, `finish` for several files that need different things.
 */
export type Remedy = 'start' | 'resume' | 'choose' | 'retry' | 'remove' | 'confirm' | 'finish';

/** How many uploads of a batch ended in which way, to be said in one sentence. */
export interface Outcomes {
  readonly done: number;
  readonly unconfirmed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly rejected: number;
  /** Files that left the list. */
  readonly removed: number;
}

/** Every text that people see or hear, in one language. Names come from outside and are shown as plain text. */
export interface Messages extends ShellMessages {
  /** Name of the list. */
  readonly files: string;
  /** How many of all files in the list are stored. */
  readonly total: (stored: number, files: number) => string;
  /** What became of the others: short, to stand beside the total. */
  readonly summary: Readonly<
    Record<'rejected' | 'failed' | 'unconfirmed' | 'interrupted' | 'cancelled', (count: number) => string>
  >;
  /** What a press on the number of problems does: only these files are shown. */
  readonly onlyThese: string;
  readonly perSecond: (size: string) => string;
  readonly timeLeft: (time: string) => string;
  readonly totalProgress: string;
  readonly pauseAll: string;
  readonly resumeAll: string;
  readonly retryAll: string;
  readonly cancelAll: string;
  readonly clearFinished: string;
  /** Field that finds files by name. */
  readonly find: string;
  /** How many of all files were found. */
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
  /** The next attempt follows soon. */
  readonly retrying: string;
  readonly elsewhere: string;
  /** The whole queue waits for a server. */
  readonly held: string;
  /** The element was out of the page. */
  readonly suspended: string;
  /** Above the list: a server limits the rate, or is overloaded, until that time of day. */
  readonly holdUntil: (time: string) => string;
  /** Above the list: how many files wait for the end of a hold. */
  readonly holdWaiting: (count: number) => string;
  readonly tryNow: string;
  /** The file must be chosen again; the upload goes on at that percentage. */
  readonly interrupted: (percent: string) => string;

  readonly cancel: string;
  readonly pause: string;
  readonly resume: string;
  readonly retry: string;
  readonly remove: string;
  readonly open: string;
  /** A control's name together with its file: `Cancel photo.jpg`. */
  readonly actionOn: (action: string, fileName: string) => string;
  readonly progressOf: (fileName: string) => string;
  /** Kodo's request id, which Qiniu's support asks for. */
  readonly requestId: (reqid: string) => string;
  /** Why the site has not confirmed a stored file; what is known of it, for whom it is told. */
  readonly callbackReasons: Readonly<Record<CallbackFailureReason, string>>;
  /** The server's own words. */
  readonly serverSays: (words: string) => string;

  /** What happened, and what to do. */
  readonly errors: Readonly<Record<UploadErrorCode, string>>;
  readonly rejects: RejectMessages;

  /** Why a form is not submitted, and what to do; a single file is named. */
  readonly unstored: (fileName: string, count: number, remedy: Remedy) => string;

  /** One file's outcome, for the live region. */
  readonly outcome: (fileName: string, outcome: string) => string;
  /** Several files' outcomes, for the live region. */
  readonly outcomes: (outcomes: Outcomes) => string;
  readonly removed: string;
}
