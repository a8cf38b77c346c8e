import { describe, expect, it } from '../support/suite.js';
import { IdleWatch } from '../../src/core/qiniu/idle-watch.js';
import { ManualClock } from '../support/manual-clock.js';

describe('an engine that hangs (1.2)', () => {
  it('is noticed when it is silent, neither making a request nor waiting for its turn', () => {
    const clock = new ManualClock();
    let isBusy = true;
    let idle = 0;
    const watch = new IdleWatch(
      1000,
      () => isBusy,
      () => (idle += 1),
      clock,
    );
    clock.advance(5000);
    expect(idle).to.equal(0);
    isBusy = false;
    clock.advance(500);
    watch.note();
    clock.advance(900);
    expect(idle).to.equal(0);
    clock.advance(1100);
    expect(idle).to.equal(1);
    expect(clock.pending).to.equal(0);
  });

  it('leaves no timer behind when it has ended', () => {
    const clock = new ManualClock();
    new IdleWatch(
      1000,
      () => false,
      () => undefined,
      clock,
    ).stop();
    expect(clock.pending).to.equal(0);
  });
});
