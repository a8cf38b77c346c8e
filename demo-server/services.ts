import type { Logger } from 'pino';
import type { Bucket } from './bucket.js';
import type { AfterAnswer } from './follow-up.js';
import type { Store } from './store.js';
import type { UploadSettings } from './upload-settings.js';

/** Dependencies of the routes and the sweeper. */
export interface Services {
  readonly settings: UploadSettings;
  readonly store: Store;
  readonly bucket: Bucket;
  readonly afterAnswer: AfterAnswer;
  readonly logger: Logger;
}
