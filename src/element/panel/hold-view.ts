import { html, nothing, type TemplateResult } from 'lit';
import type { QueueHold } from '../../core/items/queue-hold.js';
import type { UploadQueue } from '../../core/queue/upload-queue.js';
import { formatClock } from '../../i18n/format.js';
import type { Messages } from '../../i18n/messages.js';
import { icon } from './icons.js';

export interface HoldViewOptions {
  readonly messages: Messages;
  /** Ends the hold. */
  readonly tryNow: () => void;
}

/** Banner above the list while the queue is on hold: the reason, the end time and a button that ends the hold. */
export function holdView(queue: UploadQueue, { messages, tryNow }: HoldViewOptions): TemplateResult | typeof nothing {
  const { hold } = queue;
  if (hold === undefined) return nothing;
  const { queued, waiting } = queue.counts;
  return html`<div class="hold" part="hold">
    ${icon('alert')}
    <span class="hold-text" part="hold-text"
      >${holdText(hold, messages)}${queued + waiting > 0 ? ` ${messages.holdWaiting(queued + waiting)}` : nothing}</span
    >
    <button type="button" class="all" part="hold-action" data-action="tryNow" @click=${tryNow}>
      ${messages.tryNow}
    </button>
  </div>`;
}

/** The reason for the hold, or its end time. */
export function holdText({ until, error }: QueueHold, messages: Messages): string {
  return until === undefined ? messages.errors[error.code] : messages.holdUntil(formatClock(until, messages.lang));
}
