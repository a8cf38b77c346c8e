/** Headless entry: the upload queue, without Lit and without a user interface. */
export type { ServerCredentials } from './core/net/ask-server.js';
export type { KeptFiles } from './core/resume/kept-files.js';
export type { QueueHold } from './core/items/queue-hold.js';
export { ResumeRecords, type ResumeRecord, type ResumeStorage } from './core/resume/resume-records.js';
export { createUploadQueue, type CreateUploadQueueOptions } from './core/queue/create-upload-queue.js';
export {
  confirmEndpoint,
  type ConfirmEndpointOptions,
  type ConfirmProvider,
  type ConfirmRequest,
} from './core/token/confirm-endpoint.js';
export type { CompressSettings, ImageRules } from './core/files/images/image-rules.js';
export type { ImageRejectReason, ImageSize } from './core/items/reject-reason.js';
export type { TotalProgress } from './core/queue/item-list.js';
export { browserConnectivity, type Connectivity } from './core/net/connectivity.js';
export { TokenCell } from './core/transport/token-cell.js';
export { isAccepted, type UploadRules } from './core/files/rules.js';
export type { RejectReason } from './core/items/reject-reason.js';
export { QiniuTransport, type QiniuTransportOptions } from './core/qiniu/qiniu-transport.js';
export type {
  AbandonedUpload,
  StoredPart,
  StoredParts,
  UploadJob,
  UploadJobOptions,
  UploadReply,
  UploadTransport,
} from './core/transport/transport.js';
export type { SentRequest } from './core/items/sent-request.js';
export { RequestGate, type ReleaseRequest } from './core/net/request-gate.js';
export {
  UploadError,
  type CallbackFailure,
  type CallbackFailureReason,
  type UploadErrorCode,
  type UploadErrorDetails,
} from './core/items/upload-error.js';
export {
  UPLOAD_EVENT_NAMES,
  type UploadEventDetails,
  type UploadEventMap,
  type UploadEventName,
} from './core/items/upload-events.js';
export {
  isRunning,
  NEXT_STATUSES,
  type ReplySource,
  type UploadFile,
  type UploadItem,
  type UploadItemIn,
  type UploadProgress,
  type UploadResult,
  type UploadState,
  type UploadStatus,
  type WaitReason,
} from './core/items/upload-item.js';
export { UploadQueue } from './core/queue/upload-queue.js';
export type { BeforeUpload, BeforeUploadAnswer, FileValidator } from './core/files/check-settings.js';
export type { FileEntry, StoredFile } from './core/items/file-entry.js';
export type { UploadQueueOptions, UploadQueueSettings } from './core/queue/queue-options.js';
export { tokenEndpoint, type TokenEndpointOptions, type TokenHeaders } from './core/token/token-endpoint.js';
export type { IssuedToken, KnownFile, TokenAnswer, TokenProvider, TokenRequest } from './core/token/token-provider.js';
