import type { Logger } from 'pino';
import type { Bucket } from './qiniu/bucket.js';
import type { AfterAnswer } from './uploads/follow-up.js';
import type { Store } from './uploads/store.js';
import type { UploadSettings } from './uploads/upload-settings.js';

/** Dependencies of the routes and the sweeper. */
export interface Services {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly bucket: Bucket;
  readonly afterAnswer: AfterAnswer;
  readonly logger: Logger;
}
