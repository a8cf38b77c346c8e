import { realClock, type Clock } from '../net/clock.js';

/** Calls `onIdle` if the engine makes no request and does not wait for one: the engine or a file read hangs. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #isBusy: () => boolean;
  readonly #onIdle: () => void;
  #activeAt: number;
  #cancel: () => void;

  /**
   * @param limit milliseconds
   * @param isBusy returns whether a request is running or waiting for a slot
   */
  constructor(limit: number, isBusy: () => boolean, onIdle: () => void, clock: Clock = realClock) {
    this.#clock = clock;
    this.#limit = limit;
    this.#isBusy = isBusy;
    this.#onIdle = onIdle;
    this.#activeAt = clock.now();
    this.#cancel = clock.after(limit, () => this.#check());
  }

  /** Resets the timer, because the engine has sent a message. */
  note(): void {
    this.#activeAt = this.#clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  #check(): void {
    if (this.#isBusy()) this.note();
    const rest = this.#activeAt + this.#limit - this.#clock.now();
    if (rest <= 0) this.#onIdle();
    else this.#cancel = this.#clock.after(rest, () => this.#check());
  }
}
