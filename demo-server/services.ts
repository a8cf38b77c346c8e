import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import type { AfterAnswer } from './follow-up.js';
import type { Store } from './store.js';
import type { UploadSettings } from './upload-settings.js';

/** What routes and sweeper work with. */
export interface Services {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly bucket: Bucket;
  readonly afterAnswer: AfterAnswer;
  readonly logger: Logger;
}
