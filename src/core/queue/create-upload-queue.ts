import { QiniuTransport, type QiniuTransportOptions } from '../qiniu/qiniu-transport.js';
import { UploadQueue } from './upload-queue.js';
import type { UploadQueueOptions } from './queue-options.js';

/** Options of the queue and of its Qiniu transport. */
export interface CreateUploadQueueOptions extends Omit<UploadQueueOptions, 'transport'>, QiniuTransportOptions {}

/**
 * Creates a queue that uploads to Qiniu Kodo.
 *
 * @throws {TypeError} if an option has an invalid value
 */
export function createUploadQueue(options: CreateUploadQueueOptions = {}): UploadQueue {
  const { regionQueryOrigin, sandboxUrl, ...settings } = options;
  return new UploadQueue({ transport: new QiniuTransport({ regionQueryOrigin, sandboxUrl }), ...settings });
}
