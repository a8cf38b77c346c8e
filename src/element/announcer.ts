import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { UploadItem } from '../core/upload-item.js';
import type { Messages, Outcomes } from '../i18n/messages.js';
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
  #timer: ReturnType<typeof setTimeout> | undefined;

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
    // what was gathered before a move is still said
    if (this.#last !== undefined) this.#wait(GATHER, () => this.#say());
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Takes an outcome note of which shall be given soon. */
  note(kind: keyof Outcomes, item: UploadItem): void {
    this.#outcomes = { ...this.#outcomes, [kind]: this.#outcomes[kind] + 1 };
    const isFirst = this.#last === undefined;
    this.#last = { item, kind };
    if (isFirst) this.#wait(GATHER, () => this.#say());
  }

  /** Says a sentence now, where no outcomes are being gathered: those come first. */
  say(text: string): void {
    if (this.#last !== undefined) return;
    this.#text = text;
    this.#clearLater();
  }

  #say(): void {
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
    this.#wait(CLEAR, () => {
      this.#text = '';
      this.#host.requestUpdate();
    });
  }

  #wait(milliseconds: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, milliseconds);
  }
}
