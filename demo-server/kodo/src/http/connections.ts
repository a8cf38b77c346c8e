import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds that requests get to end once their connections are cut. */
const GRACE = 5000;

/** What runs while Kodo is open, by a text that says what it is, so that closing can say what it waited for. */
export class Running {
  readonly #running = new Map<Promise<unknown>, string>();

  /** Watches a piece of work until it ends; it must handle its own errors. */
  add(work: Promise<unknown>, what: string): void {
    this.#running.set(work, what);
    const forget = (): void => void this.#running.delete(work);
    work.then(forget, forget);
  }

  /**
   * Waits until everything has ended, including what begins meanwhile.
   *
   * @param grace milliseconds
   * @throws {Error} after that time, with a list of what has not ended
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
    return `The local Kodo closed, but after ${grace} ms these had not ended: ${shown}${more}.`;
  }
}

/** The open connections of a server, whatever protocol they speak by now. */
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

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
