import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { TotalProgress } from '../core/item-list.js';
import { isRunning, type UploadItem } from '../core/upload-item.js';
import { formatPercent, formatSize, formatTime } from '../i18n/format.js';
import type { Messages } from '../i18n/messages.js';

/** What can be done with all files at once. */
export type TotalAction = 'pauseAll' | 'resumeAll' | 'retryAll' | 'cancelAll' | 'clearFinished';

export interface TotalViewOptions {
  readonly messages: Messages;
  readonly progress: TotalProgress;
  readonly act: (action: TotalAction) => void;
}

/** Above a list of several files: how far they are together, and what can be done with all of them. */
export function totalView(items: readonly UploadItem[], options: TotalViewOptions): TemplateResult | typeof nothing {
  if (items.length < 2) return nothing;
  const { messages, progress, act } = options;
  const { files, storedFiles, percent, speed, secondsLeft } = progress;
  const isMoving = items.some(({ status }) => isRunning(status));
  const facts = [
    files === 0 ? messages.found(items.length, items.length) : messages.total(storedFiles, files),
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
        actionsFor(items),
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
          ></progress>`
        : nothing
    }
  </div>`;
}

/** Files that nothing more happens to, and that need nobody. */
export function isFinished({ status }: UploadItem): boolean {
  return status === 'done' || status === 'cancelled' || status === 'rejected';
}

function actionsFor(items: readonly UploadItem[]): readonly TotalAction[] {
  const has = { open: false, paused: false, failed: false, finished: false };
  for (const item of items) {
    has.open ||= item.status === 'queued' || isRunning(item.status);
    has.paused ||= item.status === 'paused';
    has.failed ||= item.status === 'failed' && item.error.retryable;
    has.finished ||= isFinished(item);
  }
  return [
    ...(has.open ? (['pauseAll'] as const) : []),
    ...(has.paused ? (['resumeAll'] as const) : []),
    ...(has.failed ? (['retryAll'] as const) : []),
    ...(has.open || has.paused ? (['cancelAll'] as const) : []),
    ...(has.finished ? (['clearFinished'] as const) : []),
  ];
}
