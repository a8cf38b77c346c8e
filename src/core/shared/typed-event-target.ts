/** An `EventTarget` whose event types are declared in a map. */
export interface TypedEventTarget<Events> {
  addEventListener<N extends keyof Events & string>(
    type: N,
    listener: ((event: Events[N]) => unknown) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<N extends keyof Events & string>(
    type: N,
    listener: ((event: Events[N]) => unknown) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}

/** Returns the class `EventTarget`, typed as a base class for these events. */
export function typedEventTarget<Events>(): new () => TypedEventTarget<Events> {
  return EventTarget as unknown as new () => TypedEventTarget<Events>;
}
