import type { QueueHold } from './queue-hold.js';
import type { RejectReason } from './reject-reason.js';
import type { UploadError } from './upload-error.js';

/** A file in the queue, without its state. */
export interface UploadFile {
  /** The item's ID, unique in the page. */
  readonly id: string;
  /** The file as it was added; never modified. */
  readonly file: File;
  /** The file's name, as shown and sent. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Media type as reported by the browser, or `''`. */
  readonly type: string;
  /** Relative path, if the file comes from a folder. */
  readonly path: string | undefined;
  /** Handle of the file on the visitor's disk, if available, for reading it again after a reload. */
  readonly handle?: FileSystemFileHandle | undefined;
}

/** Progress of one upload; never decreases. */
export interface UploadProgress {
  /** Bytes of the file sent so far, including bytes that Kodo already had. */
  readonly sentBytes: number;
  /** 0 to 99; the upload is complete only with the response. */
  readonly percent: number;
  /** Bytes that Kodo already had when this run began: parts of an earlier run. */
  readonly storedBytes: number;
  /** Bytes per second, smoothed; `undefined` until known. */
  readonly speed: number | undefined;
  /** Seconds until the last byte is sent at that speed; `undefined` until known. */
  readonly secondsLeft: number | undefined;
}

/** Why an upload waits. */
export type WaitReason =
  /** The browser is offline and the last attempt failed. Retries when it is online again, and at intervals. */
  | { readonly code: 'offline' }
  /** Backing off after a transient failure; retries at `until` (milliseconds since 1970). */
  | { readonly code: 'back-off'; readonly until: number; readonly error: UploadError }
  /** Another tab is uploading the same file. */
  | { readonly code: 'elsewhere' }
  /** The queue is on hold: see `UploadQueue.hold`. */
  | { readonly code: 'hold'; readonly hold: QueueHold }
  /** The queue was suspended by `suspend()`, e.g. because its element was removed from the page. */
  | { readonly code: 'suspended' };

/**
 * Where the response comes from.
 *
 * - `callback`: the business server, relayed by Kodo
 * - `return-body`: Kodo, by the policy's `returnBody`
 * - `default`: Kodo's default response, `{hash, key}`
 * - `confirm`: the confirm provider
 * - `exists`: the confirm provider, for a file that was already stored under this key
 * - `instant`: the token response, for a file that the business server already has
 * - `stored`: the page, for a file added with `addStored()` or `setStored()`
 */
export type ReplySource = 'callback' | 'return-body' | 'default' | 'confirm' | 'exists' | 'instant' | 'stored';

/** The result of a finished upload. */
export interface UploadResult {
  /** The parsed JSON response, unchanged. */
  readonly response: unknown;
  /** The object's key: from the response, else from the token response. */
  readonly key: string | undefined;
  /** The object's hash (Qiniu's etag), if known. */
  readonly hash: string | undefined;
  /** Where the response comes from. */
  readonly source: ReplySource;
  /** URL of the object: the response's `url`, else the bucket's domain followed by the key. */
  readonly url: string | undefined;
}

/** The state of a file. Each state has only the fields that apply to it. */
export type UploadState =
  /** Rejected by a rule or hook; stays in the list until it is removed. */
  | { readonly status: 'rejected'; readonly reason: RejectReason }
  /** Waiting for its turn or for `start()`. */
  | { readonly status: 'queued' }
  /** Requesting a token from the business server. */
  | { readonly status: 'preparing'; readonly progress: UploadProgress }
  /** Sending bytes to Kodo. */
  | { readonly status: 'uploading'; readonly progress: UploadProgress }
  /** All bytes are sent; Kodo is storing the object and calling the business server. */
  | { readonly status: 'confirming'; readonly progress: UploadProgress }
  /** Resumes automatically; `reason` says what it waits for. */
  | { readonly status: 'waiting'; readonly reason: WaitReason; readonly progress: UploadProgress }
  /** Left unfinished by an earlier visit; the file must be chosen again. The item's `file` is empty. */
  | { readonly status: 'interrupted'; readonly progress: UploadProgress }
  /**
   * Paused, with the stored parts kept; or left unfinished by an earlier visit, and resumable without choosing the file
   * again. If it is then read from its handle, the item's `file` is empty until then.
   */
  | { readonly status: 'paused'; readonly progress: UploadProgress }
  /** Stored, and the response has arrived. */
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
  /** Cancelled by the visitor or the page. */
  | { readonly status: 'cancelled' };

export type UploadStatus = UploadState['status'];

/** A file and its state: a frozen snapshot, replaced on every change. */
export type UploadItem = Readonly<UploadFile & UploadState>;

/** An item in a given state. */
export type UploadItemIn<S extends UploadStatus> = Readonly<UploadFile & Extract<UploadState, { status: S }>>;

/** The transition table: the allowed next states of each state. Any other transition throws. */
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

/** Whether an upload in this state is running and occupies a slot of the queue. */
export function isRunning(status: UploadStatus): boolean {
  return (RUNNING as readonly UploadStatus[]).includes(status);
}

/** Returns the number of running uploads. */
export function countRunning(counts: Readonly<Record<UploadStatus, number>>): number {
  return RUNNING.reduce((sum, status) => sum + counts[status], 0);
}

/** Creates a frozen snapshot of a file in a state. */
export function createItem(file: UploadFile, state: UploadState): UploadItem {
  return Object.freeze({ ...file, ...state });
}

/**
 * Returns the item's next snapshot.
 *
 * @throws {Error} if the table does not allow the transition
 */
export function transition(item: UploadItem, state: UploadState): UploadItem {
  if (!NEXT_STATUSES[item.status].includes(state.status)) {
    throw new Error(`An upload cannot change from "${item.status}" to "${state.status}".`);
  }
  const { id, file, name, size, type, path, handle } = item;
  return createItem({ id, file, name, size, type, path, handle }, state);
}
