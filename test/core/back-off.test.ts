import { describe, expect, it } from '../support/suite.js';
import { backOffDelay, delay } from '../../src/core/back-off.js';
import { delayOrOnline, untilOnline, type Connectivity } from '../../src/core/connectivity.js';

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

  it('ends early when a network comes back', async () => {
    const network = switchable(false);
    const waiting = delayOrOnline(60_000, network, new AbortController().signal);
    network.set(true);
    await waiting;
  });
});

describe('waiting for a network', () => {
  it('takes no time when there is one, and ends when one comes', async () => {
    await untilOnline(switchable(true), new AbortController().signal);
    const network = switchable(false);
    const waiting = untilOnline(network, new AbortController().signal);
    network.set(true);
    await waiting;
  });

  it('can be given up', async () => {
    const controller = new AbortController();
    const waiting = untilOnline(switchable(false), controller.signal).catch((error: unknown) => error);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await waiting).to.equal(reason);
  });
});
