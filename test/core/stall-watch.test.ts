import { StallWatch } from '../../src/core/qiniu/stall-watch.js';
import { describe, expect, it } from '../support/suite.js';

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds: above what a busy machine's timers are late by, and no longer than a test should wait. */
const LIMIT = 80;

function watch(): { readonly watch: StallWatch; readonly stalled: Promise<void>; readonly stalls: () => number } {
  let stalls = 0;
  let end: () => void;
  const stalled = new Promise<void>((resolve) => (end = resolve));
  const made = new StallWatch(LIMIT, () => {
    stalls += 1;
    end();
  });
  return { watch: made, stalled, stalls: () => stalls };
}

describe('a stall', () => {
  it('is noticed once when nothing moves any more, that long after the last movement', async () => {
    const { watch: made, stalled, stalls } = watch();
    made.touch(true);
    await pause(LIMIT / 2);
    const begin = performance.now();
    made.touch();
    await stalled;
    expect(performance.now() - begin).to.be.at.least(LIMIT - 2);
    await pause(2 * LIMIT);
    expect(stalls()).to.equal(1);
  });

  it('is none while no request is open, or after the end', async () => {
    const [closed, stopped] = [watch(), watch()];
    for (const { watch: made } of [closed, stopped]) made.touch(true);
    closed.watch.touch(false);
    stopped.watch.stop();
    await pause(3 * LIMIT);
    expect([closed.stalls(), stopped.stalls()]).to.deep.equal([0, 0]);
    closed.watch.touch(true);
    await closed.stalled;
  });
});
