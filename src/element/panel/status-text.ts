import type { RejectReason } from '../../core/items/reject-reason.js';
import type { UploadItem, WaitReason } from '../../core/items/upload-item.js';
import { formatPercent } from '../../i18n/format.js';
import type { Messages } from '../../i18n/messages.js';

/** Returns the localized status text of an item. */
export function statusText(item: UploadItem, messages: Messages): string {
  switch (item.status) {
    case 'rejected':
      return rejectText(item.reason, messages);
    case 'uploading':
      // Proxies and system buffers may accept all bytes long before the server receives them.
      if (item.size > 0 && item.progress.sentBytes >= item.size) return messages.confirming;
      return messages.uploading(formatPercent(item.progress.percent, messages.lang));
    case 'interrupted':
      return messages.interrupted(formatPercent(item.progress.percent, messages.lang));
    case 'failed':
      return messages.errors[item.error.code];
    case 'waiting':
      return waitText(item.reason, messages);
    case 'queued':
    case 'paused':
    case 'preparing':
    case 'confirming':
    case 'done':
    case 'unconfirmed':
    case 'cancelled':
      return messages[item.status];
  }
}

function waitText(reason: WaitReason, messages: Messages): string {
  switch (reason.code) {
    case 'offline':
      return messages.offline;
    case 'back-off':
      return messages.retrying;
    case 'elsewhere':
      return messages.elsewhere;
    case 'hold':
      return messages.held;
    case 'suspended':
      return messages.suspended;
  }
}

function rejectText(reason: RejectReason, { rejects }: Messages): string {
  switch (reason.code) {
    case 'duplicate':
      return rejects.duplicate(reason);
    case 'type-not-accepted':
      return rejects['type-not-accepted'](reason);
    case 'file-too-large':
      return rejects['file-too-large'](reason);
    case 'file-too-small':
      return rejects['file-too-small'](reason);
    case 'total-too-large':
      return rejects['total-too-large'](reason);
    case 'refused':
      return rejects.refused(reason);
    case 'too-many-files':
      return rejects['too-many-files'](reason);
    case 'unreadable':
      return rejects.unreadable(reason);
    case 'folder-empty':
      return rejects['folder-empty'](reason);
    case 'image-too-small':
      return rejects['image-too-small'](reason);
    case 'image-too-large':
      return rejects['image-too-large'](reason);
    case 'image-unreadable':
      return rejects['image-unreadable'](reason);
  }
}
