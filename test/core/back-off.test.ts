import { describe, expect, it } from '../support/suite.js';
import { delay } from '../../src/core/net/abort.js';
import { backOffDelay } from '../../src/core/net/back-off.js';
import type { Connectivity } from '../../src/core/net/connectivity.js';
import { RetryPause } from '../../src/core/upload/retry-pause.js';

function switchable(online: boolean): Connectivity & { set(online: boolean): void } {
  const listeners = new Set<() => void>();
  let isOnline = online;
  return {
    get online() {
      return isOnline;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(next) {
      isOnline = next;
      for (const listener of listeners) listener();
    },
  };
}

describe('back-off', () => {
  it('doubles its ceiling from 1 s to 30 s, with full jitter', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 20].map((failures) => backOffDelay(failures, 0, () => 1));
    expect(ceilings).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(backOffDelay(3, 0, () => 0)).to.equal(0);
  });

  it('waits at least as long as the server asks', () => {
    expect(backOffDelay(1, 7000, () => 0.5)).to.equal(7000);
  });

  it('ends at once when it is aborted', async () => {
    const controller = new AbortController();
    const waiting = delay(60_000, controller.signal).catch((error: unknown) => error);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});

describe('the pause before the next try', () => {
  it('ends early when a network comes back', async () => {
    const network = switchable(false);
    const waiting = new RetryPause(network).wait(60_000, new AbortController().signal);
    network.set(true);
    await waiting;
  });

  it('ends early when the visitor wants a try now', async () => {
    const pause = new RetryPause(switchable(false));
    const waiting = pause.wait(60_000, new AbortController().signal);
    pause.wake();
    await waiting;
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const waiting = new RetryPause(switchable(false)).wait(60_000, controller.signal).catch((error: unknown) => error);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});
