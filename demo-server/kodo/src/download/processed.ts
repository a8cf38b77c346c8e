import type { ObjectStore } from '../store/object-store.js';

/** What a download's query turns an object into; nothing where it asks for the object itself. */
export interface Processed {
  readonly data: Buffer;
  readonly mimeType: string;
}

/** What processing needs. */
export interface ProcessingSettings {
  readonly store: ObjectStore;
  readonly onWarning: (text: string) => void;
}
