import { realClock, type Clock } from '../net/clock.js';

/** Notices that an engine neither makes a request nor waits for its turn: it hangs, or a read of the file does. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #isBusy: () => boolean;
  readonly #onIdle: () => void;
  #heardAt: number;
  #cancel: () => void;

  /**
   * @param limit milliseconds
   * @param isBusy whether a request is under way or waits for its turn
   */
  constructor(limit: number, isBusy: () => boolean, onIdle: () => void, clock: Clock = realClock) {
    this.#clock = clock;
    this.#limit = limit;
    this.#isBusy = isBusy;
    this.#onIdle = onIdle;
    this.#heardAt = clock.now();
    this.#cancel = clock.after(limit, () => this.#check());
  }

  /** The engine has sent a message. */
  note(): void {
    this.#heardAt = this.#clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #check(): void {
    if (this.#isBusy()) this.note();
    const rest = this.#heardAt + this.#limit - this.#clock.now();
    if (rest <= 0) this.#onIdle();
    else this.#cancel = this.#clock.after(rest, () => this.#check());
  }
}
