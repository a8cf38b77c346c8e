import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { countRunning, type UploadItem } from '../core/upload-item.js';
import type { UploadQueue } from '../core/upload-queue.js';
import { formatPercent, formatTime } from '../i18n/format.js';
import { formatSize } from '../i18n/format-size.js';
import type { Messages } from '../i18n/messages.js';

/** What can be done with all files at once. */
export type TotalAction = 'pauseAll' | 'resumeAll' | 'retryAll' | 'cancelAll' | 'clearFinished';

export interface TotalViewOptions {
  readonly messages: Messages;
  readonly act: (action: TotalAction) => void;
}

/** Above a list of several files: how far they are together, and what can be done with all of them. */
export function totalView(queue: UploadQueue, options: TotalViewOptions): TemplateResult | typeof nothing {
  const { size } = queue;
  if (size < 2) return nothing;
  const { messages, act } = options;
  const { files, storedFiles, percent, speed, secondsLeft } = queue.progress;
  const isMoving = countRunning(queue.counts) > 0;
  const facts = [
    files === 0 ? messages.found(size, size) : messages.total(storedFiles, files),
    ...(isMoving ? [formatPercent(percent, messages.lang)] : []),
    ...(isMoving && speed ? [messages.perSecond(formatSize(speed, messages.lang))] : []),
    ...(isMoving && secondsLeft ? [messages.timeLeft(formatTime(secondsLeft, messages.lang))] : []),
  ];
  return html`<div class="total" part="total">
    <span class="facts" part="total-text"
      >${facts.map((fact, place) => html`${place === 0 ? '' : ' · '}<bdi>${fact}</bdi>`)}</span
    >
    <span class="alls"
      >${repeat(
        actionsFor(queue),
        (action) => action,
        (action) =>
          html`<button type="button" class="all" part="total-action" data-action=${action} @click=${() => act(action)}>
            ${messages[action]}
          </button>`,
      )}</span
    >
    ${
      isMoving
        ? html`<progress
            part="total-progress"
            max="100"
            .value=${percent}
            aria-label=${messages.totalProgress}
            aria-valuetext=${facts.join(' · ')}
          ></progress>`
        : nothing
    }
  </div>`;
}

/** Files that nothing more happens to, and that need nobody. */
export function isFinished({ status }: UploadItem): boolean {
  return status === 'done' || status === 'cancelled' || status === 'rejected';
}

function actionsFor({ counts, items }: UploadQueue): readonly TotalAction[] {
  const isOpen = counts.queued + countRunning(counts) > 0;
  const isRetryable = counts.failed > 0 && items.some((item) => item.status === 'failed' && item.error.retryable);
  return [
    ...(isOpen ? (['pauseAll'] as const) : []),
    ...(counts.paused > 0 ? (['resumeAll'] as const) : []),
    ...(isRetryable ? (['retryAll'] as const) : []),
    ...(isOpen || counts.paused > 0 ? (['cancelAll'] as const) : []),
    ...(counts.done + counts.cancelled + counts.rejected > 0 ? (['clearFinished'] as const) : []),
  ];
}
