import type { QueueHold } from '../net/hold-control.js';
import type { RejectReason } from '../files/rules.js';
import type { UploadError } from './upload-error.js';

/** A chosen file, which never changes while it is in the queue. */
export interface UploadFile {
  /** The queue's own name for the file, unique in the page. */
  readonly id: string;
  /** The file as it was handed in; nothing is ever written to it. */
  readonly file: File;
  /** The file's name, to show and to send. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Media type as the browser states it, or `''`. */
  readonly type: string;
  /** Relative path, when the file came out of a folder. */
  readonly path: string | undefined;
  /** Where the file is on the visitor's disk, when the browser told: it is found there again after a reload. */
  readonly handle?: FileSystemFileHandle | undefined;
}

/** How far the bytes are; never goes backwards within one upload. */
export interface UploadProgress {
  /** Bytes of the file sent so far, with those that Kodo had already. */
  readonly sentBytes: number;
  /** 0 to 100, never 100 before the reply is there. */
  readonly percent: number;
  /** Bytes that Kodo had already when this run began: parts of an earlier one. */
  readonly storedBytes: number;
  /** Bytes per second, smoothed; absent until it is known. */
  readonly speed: number | undefined;
  /** Seconds until the last byte is out, at that speed; absent until it is known. */
  readonly secondsLeft: number | undefined;
}

/** Why an upload waits. */
export type WaitReason =
  /** The browser reports no network, and the last try failed. Tried again when it reports one, and now and then. */
  | { readonly code: 'offline' }
  /** Something failed that may pass; tried again at `until` (milliseconds since 1970). */
  | { readonly code: 'back-off'; readonly until: number; readonly error: UploadError }
  /** Another tab is uploading this very file. */
  | { readonly code: 'elsewhere' }
  /** All files of the queue wait: see `UploadQueue.hold`. */
  | { readonly code: 'hold'; readonly hold: QueueHold }
  /** The queue was stopped by `suspend()`: its element is out of the page, for example. */
  | { readonly code: 'suspended' };

/**
 * Who wrote the reply: the business server through Kodo's `callback`, Kodo by the policy's `return-body`,
 * Kodo's `default` reply (`{hash, key}`), the business server when it was asked to confirm (`confirm`), or nobody,
 * because the same file `exists` already, is known to the business server (`instant`), or was `stored` before and is
 * only shown.
 */
export type ReplySource = 'callback' | 'return-body' | 'default' | 'confirm' | 'exists' | 'instant' | 'stored';

/** What a finished upload brought. */
export interface UploadResult {
  /** The reply, unchanged: the JSON value Kodo relayed. */
  readonly response: unknown;
  /** The object's key: as the reply says, else as the token route named it. */
  readonly key: string | undefined;
  /** The object's hash (Qiniu's etag), where the reply carries it. */
  readonly hash: string | undefined;
  /** Who wrote the reply, told from the token's policy. */
  readonly source: ReplySource;
  /** Where the object can be fetched: the reply's own `url`, else its key under the bucket's domain. */
  readonly url: string | undefined;
}

/** Every state a file can be in. Fields exist only in the states where they mean something. */
export type UploadState =
  /** Not accepted by the rules; stays in the list until it is removed. */
  | { readonly status: 'rejected'; readonly reason: RejectReason }
  /** Waits for its turn, or for `start()`. */
  | { readonly status: 'queued' }
  /** Asks the business server for a token. */
  | { readonly status: 'preparing'; readonly progress: UploadProgress }
  /** Bytes are going to Kodo. */
  | { readonly status: 'uploading'; readonly progress: UploadProgress }
  /** All bytes are sent; Kodo is storing the object and calling the business server. */
  | { readonly status: 'confirming'; readonly progress: UploadProgress }
  /** Goes on by itself: offline, or after a failure that may pass. */
  | { readonly status: 'waiting'; readonly reason: WaitReason; readonly progress: UploadProgress }
  /** Left unfinished by an earlier visit, and the file must be chosen again: the item's `file` is empty. */
  | { readonly status: 'interrupted'; readonly progress: UploadProgress }
  /**
   * Stopped by the visitor, with what is stored kept; or left unfinished by an earlier visit, and to go on without
   * choosing the file again: where it is read from its handle then, the item's `file` is empty.
   */
  | { readonly status: 'paused'; readonly progress: UploadProgress }
  /** Stored, and the reply is there. */
  | { readonly status: 'done'; readonly result: UploadResult }
  /** Stored by Kodo, but the business server's callback failed (579). Not a failed upload. */
  | {
      readonly status: 'unconfirmed';
      readonly key: string | undefined;
      readonly hash: string | undefined;
      readonly error: UploadError;
    }
  /** Not stored. */
  | { readonly status: 'failed'; readonly error: UploadError }
  /** Stopped by the visitor or the page. */
  | { readonly status: 'cancelled' };

export type UploadStatus = UploadState['status'];

/** A file and its state: a frozen snapshot, replaced by a new one at every change. */
export type UploadItem = Readonly<UploadFile & UploadState>;

/** An item in one given state. */
export type UploadItemIn<S extends UploadStatus> = Readonly<UploadFile & Extract<UploadState, { status: S }>>;

/** Which states may follow which. Everything else is a defect, and throws. */
export const NEXT_STATUSES: Readonly<Record<UploadStatus, readonly UploadStatus[]>> = {
  rejected: [],
  queued: ['rejected', 'preparing', 'waiting', 'paused', 'failed', 'cancelled'],
  preparing: ['preparing', 'uploading', 'waiting', 'paused', 'done', 'unconfirmed', 'failed', 'cancelled'],
  uploading: [
    'uploading',
    'preparing',
    'confirming',
    'waiting',
    'paused',
    'done',
    'unconfirmed',
    'failed',
    'cancelled',
  ],
  confirming: ['preparing', 'uploading', 'waiting', 'paused', 'done', 'unconfirmed', 'failed', 'cancelled'],
  waiting: ['waiting', 'preparing', 'uploading', 'confirming', 'paused', 'done', 'unconfirmed', 'failed', 'cancelled'],
  interrupted: ['queued', 'cancelled'],
  paused: ['queued', 'interrupted', 'cancelled'],
  done: [],
  unconfirmed: ['confirming', 'done'],
  failed: ['queued', 'rejected'],
  cancelled: ['queued'],
};

const RUNNING = ['preparing', 'uploading', 'confirming', 'waiting'] as const satisfies readonly UploadStatus[];

/** States in which an upload is at work and holds a place in the queue. */
export function isRunning(status: UploadStatus): boolean {
  return (RUNNING as readonly UploadStatus[]).includes(status);
}

/** How many of these are at work. */
export function countRunning(counts: Readonly<Record<UploadStatus, number>>): number {
  return RUNNING.reduce((sum, status) => sum + counts[status], 0);
}

/** A new, frozen snapshot of a file in its first state. */
export function createItem(file: UploadFile, state: UploadState): UploadItem {
  return Object.freeze({ ...file, ...state });
}

/**
 * The item's next snapshot.
 *
 * @throws {Error} when the table does not allow the step
 */
export function transition(item: UploadItem, state: UploadState): UploadItem {
  if (!NEXT_STATUSES[item.status].includes(state.status)) {
    throw new Error(`An upload cannot go from "${item.status}" to "${state.status}".`);
  }
  const { id, file, name, size, type, path, handle } = item;
  return createItem({ id, file, name, size, type, path, handle }, state);
}
