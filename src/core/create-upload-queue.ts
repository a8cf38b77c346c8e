import { loadEngine } from './load-engine.js';
import type { QiniuTransportOptions } from './qiniu/qiniu-transport.js';
import type { UploadTransport } from './transport.js';
import { UploadQueue } from './upload-queue.js';
import type { UploadQueueOptions } from './upload-queue-settings.js';

/** Settings of the queue and of its way to Qiniu. */
export interface CreateUploadQueueOptions extends Omit<UploadQueueOptions, 'transport'>, QiniuTransportOptions {}

/** A queue that uploads to Qiniu Kodo. */
export function createUploadQueue(options: CreateUploadQueueOptions = {}): UploadQueue {
  const { regionQueryOrigin, sandboxUrl, ...settings } = options;
  const transport = async (): Promise<UploadTransport> => {
    const { QiniuTransport } = await loadEngine();
    return new QiniuTransport({ regionQueryOrigin, sandboxUrl });
  };
  return new UploadQueue({ transport, ...settings });
}
