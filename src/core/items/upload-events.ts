import type { QueueHold } from './queue-hold.js';
import type { RejectReason } from './reject-reason.js';
import type { SentRequest } from './sent-request.js';
import type { UploadError } from './upload-error.js';
import type { ReplySource, UploadItem, UploadItemIn, WaitReason } from './upload-item.js';

/**
 * All public events of the queue and the element, with their details.
 *
 * Events are dispatched after the state has changed, so `items` is up to date in a listener.
 */
export interface UploadEventDetails {
  /** A file is about to be added. Cancelable: `preventDefault()` prevents it. */
  'file-add': { readonly item: UploadItemIn<'queued'> };
  /** A file was rejected; it stays in the list with the reason. */
  'file-reject': { readonly item: UploadItemIn<'rejected'>; readonly reason: RejectReason };
  /** A file was removed from the list. */
  'file-remove': { readonly item: UploadItem };
  /** An upload has its token and starts sending. */
  'upload-start': { readonly item: UploadItem };
  /** Bytes were sent. Fires at most once per frame for each file; `percent` is 0 to 99. */
  'upload-progress': { readonly item: UploadItem; readonly sentBytes: number; readonly percent: number };
  /** An HTTP request of an upload has ended: for logs and for the `reqid` that Qiniu's support asks for. */
  'upload-request': { readonly item: UploadItem; readonly request: SentRequest };
  /** An upload waits and resumes automatically, e.g. when offline or backing off; `reason` says why. */
  'upload-wait': { readonly item: UploadItemIn<'waiting'>; readonly reason: WaitReason };
  /** An upload was paused; its stored parts are kept. */
  'upload-pause': { readonly item: UploadItemIn<'paused'> };
  /** A paused upload was resumed. */
  'upload-resume': { readonly item: UploadItemIn<'queued'> };
  /** The file is stored and the response has arrived. */
  'upload-success': {
    readonly item: UploadItemIn<'done'>;
    /** The parsed response, unchanged. */
    readonly response: unknown;
    /** The object's key: from the response, else from the token response. */
    readonly key: string | undefined;
    /** The object's hash (Qiniu's etag), if known. */
    readonly hash: string | undefined;
    /** Where the response comes from. */
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
  /** No upload is queued or running any more; `items` are those that ended since the last such event. */
  'uploads-complete': { readonly items: readonly UploadItem[] };
  /** The queue was put on hold, or its hold was extended. */
  'queue-hold': { readonly hold: QueueHold };
  /** The hold has ended. */
  'queue-release': Readonly<Record<never, never>>;
}

export type UploadEventName = keyof UploadEventDetails;

/** The event types, for `addEventListener`. */
export type UploadEventMap = { [N in UploadEventName]: CustomEvent<UploadEventDetails[N]> };

/** The names of all public events, for code that forwards them. */
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
