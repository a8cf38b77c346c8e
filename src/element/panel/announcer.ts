import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadItem } from '../../core/items/upload-item.js';
import type { Messages, Outcomes } from '../../i18n/messages.js';
import { statusText } from './status-text.js';
import { visibleName } from './visible-name.js';

/** Milliseconds in which outcomes are gathered into one sentence. */
const GATHER = 400;
/** Milliseconds after which a sentence that was read is taken back, so that nobody walks into it later. */
const CLEAR = 8000;

const NONE: Outcomes = { done: 0, unconfirmed: 0, failed: 0, cancelled: 0, rejected: 0, removed: 0 };

/** Says outcomes, not each percent, in the element's one live region. */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #messages: () => Messages;
  #text = '';
  #outcomes: Outcomes = NONE;
  #last: { readonly item: UploadItem; readonly kind: keyof Outcomes } | undefined;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #clearing: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, messages: () => Messages) {
    this.#host = host;
    this.#messages = messages;
    host.addController(this);
  }

  /** What the live region holds now. */
  get text(): string {
    return this.#text;
  }

  hostConnected(): void {
    // Outcomes that were noted before a move are announced after it.
    if (this.#last !== undefined) this.#gather();
  }

  hostDisconnected(): void {
    clearTimeout(this.#gathering);
    clearTimeout(this.#clearing);
  }

  /** Takes an outcome note of which shall be given soon. */
  note(kind: keyof Outcomes, item: UploadItem): void {
    this.#outcomes = { ...this.#outcomes, [kind]: this.#outcomes[kind] + 1 };
    const isFirst = this.#last === undefined;
    this.#last = { item, kind };
    if (isFirst) this.#gather();
  }

  /** Announces a sentence at once; outcomes that are being gathered follow it. */
  say(text: string): void {
    this.#text = text;
    this.#clearLater();
  }

  #gather(): void {
    clearTimeout(this.#gathering);
    this.#gathering = setTimeout(() => this.#sayOutcomes(), GATHER);
  }

  #sayOutcomes(): void {
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
    this.#clearLater();
  }

  #clearLater(): void {
    this.#host.requestUpdate();
    clearTimeout(this.#clearing);
    this.#clearing = setTimeout(() => {
      this.#text = '';
      this.#host.requestUpdate();
    }, CLEAR);
  }
}
