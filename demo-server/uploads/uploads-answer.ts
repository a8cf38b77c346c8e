import { downloadUrl } from '../qiniu/download-url.js';
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

/** What the list says besides. */
export interface ListedUpload extends UploadAnswer {
  /** A picture's average colour, `#rrggbb`, or `null`. */
  readonly color: string | null;
  /** A picture made small, or `null`. */
  readonly thumbnailUrl: string | null;
}

/** Of these Kodo makes small ones. https://developer.qiniu.com/dora/1279/basic-processing-images-imageview2 */
const SHRINKABLE = /^image\/(avif|bmp|gif|heic|jpeg|png|tiff|webp)$/;

/** Four to three, and sharp on small screens too. */
const THUMBNAIL = 'imageView2/1/w/480/h/360';

/** An entry of the list: the callback's reply, with what came to be known after it. */
export function listed(upload: StoredUpload, settings: UploadSettings): ListedUpload {
  const { key, color, stored_type: type } = upload;
  const thumbnailUrl = SHRINKABLE.test(type) ? downloadUrl(settings, key, Date.now(), THUMBNAIL) : null;
  return { ...answerOf(upload, settings), color, thumbnailUrl };
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
