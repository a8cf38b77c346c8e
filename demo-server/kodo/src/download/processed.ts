import type { ObjectStore } from '../store/object-store.js';

/** The result of processing an object for a download; `undefined` for the object itself. */
export interface Processed {
  readonly data: Buffer;
  readonly mimeType: string;
}

/** Dependencies of processing. */
export interface ProcessingSettings {
  readonly store: ObjectStore;
  readonly onWarning: (text: string) => void;
}
