import type { RejectReason } from './rules.js';
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
}

/** How far the bytes are; never goes backwards within one upload. */
export interface UploadProgress {
  /** Bytes of the file sent so far. */
  readonly sentBytes: number;
  /** 0 to 100, never 100 before the reply is there. */
  readonly percent: number;
}

/**
 * Who wrote the reply: the business server through Kodo's `callback`, Kodo by the policy's `return-body`,
 * or Kodo's `default` reply (`{hash, key}`).
 */
export type ReplySource = 'callback' | 'return-body' | 'default';

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
  | { readonly status: 'preparing' }
  /** Bytes are going to Kodo. */
  | { readonly status: 'uploading'; readonly progress: UploadProgress }
  /** All bytes are sent; Kodo is storing the object and calling the business server. */
  | { readonly status: 'confirming' }
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
  queued: ['preparing', 'cancelled'],
  preparing: ['uploading', 'failed', 'cancelled'],
  uploading: ['uploading', 'confirming', 'done', 'unconfirmed', 'failed', 'cancelled'],
  confirming: ['done', 'unconfirmed', 'failed', 'cancelled'],
  done: [],
  unconfirmed: [],
  failed: ['queued'],
  cancelled: ['queued'],
};

/** States in which an upload is at work and holds a place in the queue. */
export function isRunning(status: UploadStatus): boolean {
  return status === 'preparing' || status === 'uploading' || status === 'confirming';
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
  const { id, file, name, size, type, path } = item;
  return createItem({ id, file, name, size, type, path }, state);
}
