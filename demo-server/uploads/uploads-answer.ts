import { downloadUrl } from '../qiniu/download-url.js';
import type { StoredUpload } from './store.js';
import type { UploadSettings } from './upload-settings.js';

/** A stored upload as returned to the page: the response of the callback, and the basis of a list entry. */
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
  /** Download URL, valid for an hour or more if the bucket is private. */
  readonly url: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** An entry of the list. */
export interface ListedUpload extends UploadAnswer {
  /** An image's average color, `#rrggbb`, or `null`. */
  readonly color: string | null;
  /** URL of an image's thumbnail, or `null`. */
  readonly thumbnailUrl: string | null;
}

/**
 * Types of which Kodo can create thumbnails. https://developer.qiniu.com/dora/1279/basic-processing-images-imageview2
 */
const WITH_THUMBNAIL = /^image\/(avif|bmp|gif|heic|jpeg|png|tiff|webp)$/;

/** Cropped to 4:3, large enough for high-density screens. */
const THUMBNAIL = 'imageView2/1/w/480/h/360';

/** Creates a list entry: the response of the callback, with what was determined afterwards. */
export function listed(upload: StoredUpload, settings: UploadSettings): ListedUpload {
  const { key, color, stored_type: type } = upload;
  const thumbnailUrl = WITH_THUMBNAIL.test(type) ? downloadUrl(settings, key, Date.now(), THUMBNAIL) : null;
  return { ...answerOf(upload, settings), color, thumbnailUrl };
}

/** Depends only on the row, so that repeated callbacks get identical responses. */
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
