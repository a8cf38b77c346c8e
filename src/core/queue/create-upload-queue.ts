import { QiniuTransport, type QiniuTransportOptions } from '../qiniu/qiniu-transport.js';
import { UploadQueue } from './upload-queue.js';
import type { UploadQueueOptions } from './queue-options.js';

/** Settings of the queue and of its transport to Qiniu. */
export interface CreateUploadQueueOptions extends Omit<UploadQueueOptions, 'transport'>, QiniuTransportOptions {}

/** A queue that uploads to Qiniu Kodo. */
export function createUploadQueue(options: CreateUploadQueueOptions = {}): UploadQueue {
  const { regionQueryOrigin, sandboxUrl, ...settings } = options;
  return new UploadQueue({ transport: new QiniuTransport({ regionQueryOrigin, sandboxUrl }), ...settings });
}
