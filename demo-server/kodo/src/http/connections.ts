import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds for requests to end after their connections are closed. */
const GRACE = 5000;

/** Tracks running work by description, so that closing can report unfinished work. */
export class Running {
  readonly #running = new Map<Promise<unknown>, string>();

  /** Tracks a promise until it settles; it must handle its own errors. */
  add(work: Promise<unknown>, what: string): void {
    this.#running.set(work, what);
    const forget = (): void => void this.#running.delete(work);
    work.then(forget, forget);
  }

  /**
   * Waits until all tracked work has ended, including work added in the meantime.
   *
   * @param grace milliseconds
   * @throws {Error} after that time, listing the unfinished work
   */
  async end(grace = GRACE): Promise<void> {
    const giveUp = new AbortController();
    const late = wait(grace, true, { signal: giveUp.signal }).catch(() => false);
    try {
      while (this.#running.size > 0) {
        const ended = Promise.allSettled(this.#running.keys()).then(() => false);
        if (await Promise.race([ended, late])) throw new Error(this.#report(grace));
      }
    } finally {
      giveUp.abort();
    }
  }

  #report(grace: number): string {
    const names = [...this.#running.values()];
    const shown = names.slice(0, 10).join(', ');
    const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
    return `The local Kodo closed, but after ${grace} ms these were still running: ${shown}${more}.`;
  }
}

/** The open connections of a server, including upgraded ones. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Stops listening and closes every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
