import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { countRunning, type UploadItem } from '../../core/items/upload-item.js';
import type { UploadQueue } from '../../core/queue/upload-queue.js';
import { formatPercent, formatTime } from '../../i18n/format.js';
import { formatSize } from '../../i18n/format-size.js';
import type { Messages } from '../../i18n/messages.js';
import { PROBLEMS } from './problems.js';

/** Actions on all files. */
export type TotalAction = 'pauseAll' | 'resumeAll' | 'retryAll' | 'cancelAll' | 'clearFinished';

export interface TotalViewOptions {
  readonly messages: Messages;
  readonly act: (action: TotalAction) => void;
  /** Whether stored files are a form value and therefore stay in the list. */
  readonly keepsStored: boolean;
  /** Whether the list shows only the files with a problem. */
  readonly isFiltered: boolean;
  readonly toggleFilter: () => void;
}

/** Summary above the list: counts, overall progress and actions. */
export function totalView(queue: UploadQueue, options: TotalViewOptions): TemplateResult {
  const { messages, act } = options;
  const { counts, size } = queue;
  const { percent, speed, secondsLeft } = queue.progress;
  const isMoving = countRunning(counts) > 0;
  const facts = [
    messages.total(counts.done, size),
    ...(counts.cancelled > 0 ? [messages.summary.cancelled(counts.cancelled)] : []),
    ...(isMoving ? [formatPercent(percent, messages.lang)] : []),
    ...(isMoving && speed ? [messages.perSecond(formatSize(speed, messages.lang))] : []),
    ...(isMoving && secondsLeft ? [messages.timeLeft(formatTime(secondsLeft, messages.lang))] : []),
  ];
  const problems = PROBLEMS.flatMap((status) => (counts[status] > 0 ? [messages.summary[status](counts[status])] : []));
  return html`<div class="total" part="total" role="group" aria-label=${messages.totalProgress}>
    <span class="facts" part="total-text">${joined(facts)}</span>
    ${
      problems.length === 0
        ? nothing
        : html`<button
            type="button"
            class="problems"
            part="total-problems"
            data-action="problems"
            aria-pressed=${options.isFiltered ? 'true' : 'false'}
            title=${messages.onlyThese}
            @click=${options.toggleFilter}
          >
            ${joined(problems)}
          </button>`
    }
    <span class="alls"
      >${repeat(
        actionsFor(queue, options),
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
            aria-valuetext=${[...facts, ...problems].join(' · ')}
          ></progress>`
        : nothing
    }
  </div>`;
}

/** Whether "Clear finished" removes a file: it has ended and needs no attention. */
export function isFinished({ status }: UploadItem, keepsStored: boolean): boolean {
  return (status === 'done' && !keepsStored) || status === 'cancelled' || status === 'rejected';
}

function joined(facts: readonly string[]): readonly TemplateResult[] {
  return facts.map((fact, index) => html`${index === 0 ? '' : ' · '}<bdi>${fact}</bdi>`);
}

function actionsFor({ counts, items }: UploadQueue, { keepsStored }: TotalViewOptions): readonly TotalAction[] {
  const isOpen = counts.queued + countRunning(counts) > 0;
  const isRetryable = counts.failed > 0 && items.some((item) => item.status === 'failed' && item.error.retryable);
  const finished = counts.cancelled + counts.rejected + (keepsStored ? 0 : counts.done);
  return [
    ...(isOpen ? (['pauseAll'] as const) : []),
    ...(counts.paused > 0 ? (['resumeAll'] as const) : []),
    ...(isRetryable ? (['retryAll'] as const) : []),
    ...(isOpen || counts.paused > 0 ? (['cancelAll'] as const) : []),
    ...(finished > 0 ? (['clearFinished'] as const) : []),
  ];
}
