import type { UploadItem } from '../../core/items/upload-item.js';
import type { Messages, Remedy } from '../../i18n/messages.js';

/**
 * Returns a message that names the chosen files missing from the form value, and the remedy.
 *
 * Uploads in progress are not included, nor are rejected duplicates.
 *
 * @param startsQueued whether queued files start without `start()`
 * @returns `undefined` if every file is stored or uploading
 */
export function unstoredMessage(
  items: readonly UploadItem[],
  startsQueued: boolean,
  messages: Messages,
): string | undefined {
  let first: UploadItem | undefined;
  let count = 0;
  const remedies = new Set<Remedy>();
  for (const item of items) {
    const remedy = remedyFor(item, startsQueued);
    if (remedy === undefined) continue;
    first ??= item;
    count += 1;
    remedies.add(remedy);
  }
  const [remedy, otherRemedy] = remedies;
  if (first === undefined || remedy === undefined) return undefined;
  return messages.unstored(first.name, count, otherRemedy === undefined ? remedy : 'finish');
}

/** Returns the remedy for a file; `undefined` if none is needed. */
export function remedyFor(item: UploadItem, startsQueued: boolean): Remedy | undefined {
  switch (item.status) {
    case 'queued':
      return startsQueued ? undefined : 'start';
    case 'paused':
      return 'resume';
    case 'interrupted':
      return 'choose';
    case 'cancelled':
      return 'retry';
    case 'failed':
      return item.error.retryable ? 'retry' : 'remove';
    case 'rejected':
      return item.reason.code === 'duplicate' ? undefined : 'remove';
    case 'unconfirmed':
      return 'confirm';
    case 'preparing':
    case 'uploading':
    case 'confirming':
    case 'waiting':
    case 'done':
      return undefined;
  }
}
