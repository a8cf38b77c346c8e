import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadItem } from '../../core/items/upload-item.js';
import type { Messages, Outcomes } from '../../i18n/messages.js';
import { statusText } from './status-text.js';
import { visibleName } from './visible-name.js';

/** Milliseconds during which outcomes are collected into one announcement. */
const COLLECT_DELAY = 400;
/** Milliseconds until an announcement is cleared, so that screen readers do not encounter it later. */
const CLEAR_DELAY = 8000;

const NONE: Outcomes = { done: 0, unconfirmed: 0, failed: 0, cancelled: 0, rejected: 0, removed: 0 };

/** Announces outcomes, not progress, in the element's live region. */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #messages: () => Messages;
  #text = '';
  #outcomes: Outcomes = NONE;
  #last: { readonly item: UploadItem; readonly kind: keyof Outcomes } | undefined;
  #collectTimer: ReturnType<typeof setTimeout> | undefined;
  #clearTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, messages: () => Messages) {
    this.#host = host;
    this.#messages = messages;
    host.addController(this);
  }

  /** Current content of the live region. */
  get text(): string {
    return this.#text;
  }

  hostConnected(): void {
    // Announces outcomes that were added before the element was moved.
    if (this.#last !== undefined) this.#scheduleOutcomes();
  }

  hostDisconnected(): void {
    clearTimeout(this.#collectTimer);
    clearTimeout(this.#clearTimer);
  }

  /** Adds an outcome to the next announcement. */
  addOutcome(kind: keyof Outcomes, item: UploadItem): void {
    this.#outcomes = { ...this.#outcomes, [kind]: this.#outcomes[kind] + 1 };
    const isFirst = this.#last === undefined;
    this.#last = { item, kind };
    if (isFirst) this.#scheduleOutcomes();
  }

  /** Announces a text at once; collected outcomes follow. */
  announce(text: string): void {
    this.#text = text;
    this.#scheduleClear();
  }

  #scheduleOutcomes(): void {
    clearTimeout(this.#collectTimer);
    this.#collectTimer = setTimeout(() => this.#announceOutcomes(), COLLECT_DELAY);
  }

  #announceOutcomes(): void {
    const last = this.#last;
    if (last === undefined) return;
    const messages = this.#messages();
    const count = Object.values(this.#outcomes).reduce<number>((sum, value: number) => sum + value, 0);
    this.#text =
      count > 1
        ? messages.outcomes(this.#outcomes)
        : messages.outcome(
            visibleName(last.item.name),
            last.kind === 'removed' ? messages.removed : statusText(last.item, messages),
          );
    this.#outcomes = NONE;
    this.#last = undefined;
    this.#scheduleClear();
  }

  #scheduleClear(): void {
    this.#host.requestUpdate();
    clearTimeout(this.#clearTimer);
    this.#clearTimer = setTimeout(() => {
      this.#text = '';
      this.#host.requestUpdate();
    }, CLEAR_DELAY);
  }
}
