import type { UploadProgress } from './upload-item.js';

/** No bytes sent yet. */
export const NO_PROGRESS: UploadProgress = Object.freeze({
  sentBytes: 0,
  percent: 0,
  storedBytes: 0,
  speed: undefined,
  secondsLeft: undefined,
});

/** Whole percent, at most 99: only the response makes it 100. */
export function percentOf(bytes: number, size: number): number {
  return size === 0 ? 0 : Math.min(99, Math.floor((bytes / size) * 100));
}
