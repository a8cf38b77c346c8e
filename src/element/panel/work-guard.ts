import type { ReactiveController, ReactiveControllerHost } from 'lit';

export interface WorkGuardOptions {
  /** Whether files are uploading. */
  readonly isWorking: () => boolean;
  /** Whether the browser asks for confirmation before the page is left. */
  readonly asksToStay: () => boolean;
}

/** During uploads, asks for confirmation before the page is left and keeps the screen on so that phones do not sleep. */
export class WorkGuard implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #options: WorkGuardOptions;
  #working: AbortController | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, options: WorkGuardOptions) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  hostUpdated(): void {
    const isWorking = this.#host.isConnected && this.#options.isWorking();
    if (isWorking === (this.#working !== undefined)) return;
    this.#working?.abort();
    this.#working = isWorking ? this.#begin() : undefined;
  }

  hostDisconnected(): void {
    this.#working?.abort();
    this.#working = undefined;
  }

  #begin(): AbortController {
    const working = new AbortController();
    const { signal } = working;
    const ask = (event: Event): void => {
      if (this.#options.asksToStay()) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask, { signal });
    // The browser releases the lock when the page is hidden.
    const lock = (): void => void keepScreenOn(signal);
    document.addEventListener('visibilitychange', lock, { signal });
    lock();
    return working;
  }
}

async function keepScreenOn(signal: AbortSignal): Promise<void> {
  if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
  try {
    const lock = await navigator.wakeLock.request('screen');
    const release = (): void => void lock.release();
    if (signal.aborted) release();
    else signal.addEventListener('abort', release, { once: true });
  } catch {
    // denied, or the battery is low; uploads continue anyway
  }
}
