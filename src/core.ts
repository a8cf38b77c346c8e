/** The headless half: a queue of uploads, without Lit and without a user interface. */
export { createUploadQueue, type CreateUploadQueueOptions } from './core/create-upload-queue.js';
export { isAccepted, type RejectReason, type UploadRules } from './core/rules.js';
export { QiniuTransport, type QiniuTransportOptions } from './core/qiniu/qiniu-transport.js';
export type { UploadJob, UploadJobOptions, UploadReply, UploadTransport } from './core/transport.js';
export { RequestGate, type ReleaseRequest } from './core/request-gate.js';
export {
  UploadError,
  type CallbackFailure,
  type UploadErrorCode,
  type UploadErrorDetails,
} from './core/upload-error.js';
export {
  UPLOAD_EVENT_NAMES,
  type UploadEventDetails,
  type UploadEventMap,
  type UploadEventName,
} from './core/upload-events.js';
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
} from './core/upload-item.js';
export {
  UploadQueue,
  type FileInFolder,
  type UploadQueueOptions,
  type UploadQueueSettings,
} from './core/upload-queue.js';
export {
  tokenEndpoint,
  type TokenAnswer,
  type TokenEndpointOptions,
  type TokenHeaders,
  type TokenProvider,
  type TokenRequest,
} from './core/upload-token.js';
