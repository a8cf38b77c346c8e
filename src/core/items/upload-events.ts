import type { QueueHold } from '../net/hold-control.js';
import type { RejectReason } from '../files/rules.js';
import type { SentRequest } from '../transport/transport.js';
import type { UploadError } from './upload-error.js';
import type { ReplySource, UploadItem, UploadItemIn, WaitReason } from './upload-item.js';

/**
 * Every public event and its detail, once, for the queue and for the element alike.
 *
 * An event is sent after the state has changed, so a listener that reads `items` sees what the event says.
 */
export interface UploadEventDetails {
  /** A file is about to be taken. Cancelable: `preventDefault()` keeps it out. */
  'file-add': { readonly item: UploadItemIn<'queued'> };
  /** A file breaks a rule; it stays in the list with its reason. */
  'file-reject': { readonly item: UploadItemIn<'rejected'>; readonly reason: RejectReason };
  /** A file has left the list. */
  'file-remove': { readonly item: UploadItem };
  /** An upload has its token and begins to send. */
  'upload-start': { readonly item: UploadItem };
  /** Bytes were sent; at most once a frame for each file. */
  'upload-progress': { readonly item: UploadItem; readonly sentBytes: number; readonly percent: number };
  /** An HTTP request of an upload has ended: for logs, and for Qiniu's support, which asks for the `reqid`. */
  'upload-request': { readonly item: UploadItem; readonly request: SentRequest };
  /** An upload waits, and goes on by itself: offline, or after a failure that may pass. */
  'upload-wait': { readonly item: UploadItemIn<'waiting'>; readonly reason: WaitReason };
  /** An upload was paused; what is stored of it is kept. */
  'upload-pause': { readonly item: UploadItemIn<'paused'> };
  /** A paused upload goes on. */
  'upload-resume': { readonly item: UploadItemIn<'queued'> };
  /** The file is stored and the reply is there. */
  'upload-success': {
    readonly item: UploadItemIn<'done'>;
    /** The reply, unchanged. */
    readonly response: unknown;
    readonly key: string | undefined;
    readonly hash: string | undefined;
    readonly source: ReplySource;
  };
  /** The file is stored, but the business server's callback failed (579). */
  'upload-unconfirmed': {
    readonly item: UploadItemIn<'unconfirmed'>;
    readonly key: string | undefined;
    readonly hash: string | undefined;
    readonly error: UploadError;
  };
  /** The file could not be uploaded. */
  'upload-error': { readonly item: UploadItemIn<'failed'>; readonly error: UploadError };
  /** An upload was cancelled. */
  'upload-cancel': { readonly item: UploadItemIn<'cancelled'> };
  /** Nothing is queued or running any more. */
  'uploads-complete': { readonly items: readonly UploadItem[] };
  /** No further file is started for the time being, or the end of such a hold has moved. */
  'queue-hold': { readonly hold: QueueHold };
  /** Files are started again. */
  'queue-release': Readonly<Record<never, never>>;
}

export type UploadEventName = keyof UploadEventDetails;

/** The events as `addEventListener` hands them over. */
export type UploadEventMap = { [N in UploadEventName]: CustomEvent<UploadEventDetails[N]> };

/** Names of all public events, for code that passes them on. */
export const UPLOAD_EVENT_NAMES = [
  'file-add',
  'file-reject',
  'file-remove',
  'upload-start',
  'upload-progress',
  'upload-request',
  'upload-wait',
  'upload-pause',
  'upload-resume',
  'upload-success',
  'upload-unconfirmed',
  'upload-error',
  'upload-cancel',
  'uploads-complete',
  'queue-hold',
  'queue-release',
] as const satisfies readonly UploadEventName[];
