import { downloadUrl } from './download-url.js';
import type { StoredUpload } from './store.js';
import type { UploadSettings } from './upload-settings.js';

/** What pages learn of a stored upload: the callback's reply, and an entry of the list. */
export interface UploadAnswer {
  readonly id: string;
  readonly key: string;
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  /** Pixels, or `null`. */
  readonly width: number | null;
  readonly height: number | null;
  readonly name: string;
  /** Good for an hour or more where the bucket is private. */
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Made of the row alone, so that the same callback gets the same bytes however often it comes. */
export function answerOf(upload: StoredUpload, settings: UploadSettings): UploadAnswer {
  const { id, key, hash, stored_size: size, stored_type: type, width, height, name } = upload;
  return {
    id,
    key,
    hash,
    size,
    type,
    width,
    height,
    name,
    url: downloadUrl(settings, key),
    createdAt: new Date(upload.stored_at).toISOString(),
  };
}
