import type { UploadItem } from '../../core/items/upload-item.js';
import type { Messages, Remedy } from '../../i18n/messages.js';

/**
 * Says which chosen files a form would be submitted without, and what can be done about it.
 *
 * Files that are being uploaded are left out: they only take time. A file that was chosen twice is there once.
 *
 * @param queuedGo whether queued files are uploaded without `start()`
 * @returns nothing where every file is stored or on its way
 */
export function unstoredMessage(
  items: readonly UploadItem[],
  queuedGo: boolean,
  messages: Messages,
): string | undefined {
  let first: UploadItem | undefined;
  let count = 0;
  const remedies = new Set<Remedy>();
  for (const item of items) {
    const remedy = remedyFor(item, queuedGo);
    if (remedy === undefined) continue;
    first ??= item;
    count += 1;
    remedies.add(remedy);
  }
  const [remedy, another] = remedies;
  if (first === undefined || remedy === undefined) return undefined;
  return messages.unstored(first.name, count, another === undefined ? remedy : 'finish');
}

/** What can be done about a file beside removing it; nothing where nothing has to be done. */
export function remedyFor(item: UploadItem, queuedGo: boolean): Remedy | undefined {
  switch (item.status) {
    case 'queued':
      return queuedGo ? undefined : 'start';
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
