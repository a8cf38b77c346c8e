import { describe, expect, it } from '../support/suite.js';
import { LineWatch, type WatchedRequest } from '../../src/core/qiniu/line-watch.js';
import { ManualClock } from '../support/manual-clock.js';

const MIB = 1024 * 1024;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A line with a clock, and what has stalled on it. */
function makeLine() {
  const clock = new ManualClock();
  const line = new LineWatch(clock);
  const stalled: string[] = [];
  const open = (name: string, bytes: number, options: { stalls?: number; isHidden?: boolean } = {}): WatchedRequest =>
    line.watch({
      bytes,
      stallTimeout: 30 * SECOND,
      stalls: 0,
      isHidden: false,
      onStall: () => stalled.push(name),
      ...options,
    });
  return { clock, stalled, open };
}

describe('a line (F1)', () => {
  it('that is dead from the beginning is noticed after the stall timeout, also the second time', () => {
    for (const stalls of [0, 3]) {
      const { clock, stalled, open } = makeLine();
      open('a', 4 * MIB, { stalls });
      clock.advance(29 * SECOND);
      expect(stalled).to.deep.equal([]);
      clock.advance(2 * SECOND);
      expect(stalled).to.deep.equal(['a']);
    }
  });

  it('that dies in the middle is noticed after the stall timeout', () => {
    const { clock, stalled, open } = makeLine();
    const request = open('a', 4 * MIB);
    clock.advance(20 * SECOND);
    request.sent(MIB);
    clock.advance(29 * SECOND);
    expect(stalled).to.deep.equal([]);
    clock.advance(2 * SECOND);
    expect(stalled).to.deep.equal(['a']);
  });

  it('that takes everything at once has as long for its answer as 32 kB/s take', () => {
    const { clock, stalled, open } = makeLine();
    open('a', 4 * MIB).sent(4 * MIB);
    clock.advance(2 * MINUTE);
    expect(stalled).to.deep.equal([]);
    clock.advance(MINUTE);
    expect(stalled).to.deep.equal(['a']);
  });

  it('is given time for all that is unanswered on it, and more with each answer', () => {
    const { clock, stalled, open } = makeLine();
    const requests = [0, 1, 2, 3, 4, 5].map((index) => open(`${index}`, 4 * MIB));
    for (const request of requests) request.sent(4 * MIB);
    // One after the other, at 100 kB/s.
    for (const request of requests) {
      clock.advance(42 * SECOND);
      request.end(true);
    }
    expect(stalled).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('is measured by the slowest answer, and never less is allowed than that took', () => {
    const { clock, stalled, open } = makeLine();
    const first = open('first', 4 * MIB);
    first.sent(4 * MIB);
    clock.advance(100 * SECOND); // 42 kB/s
    first.end(true);
    open('second', MIB).sent(MIB);
    clock.advance(99 * SECOND);
    expect(stalled).to.deep.equal([]);
    clock.advance(2 * SECOND);
    expect(stalled).to.deep.equal(['second']);
  });

  it('that is fast is given no more than the stall timeout for an answer', () => {
    const { clock, stalled, open } = makeLine();
    const first = open('first', 4 * MIB);
    clock.advance(100);
    first.sent(4 * MIB);
    first.end(true);
    open('second', 4 * MIB).sent(4 * MIB);
    clock.advance(31 * SECOND);
    expect(stalled).to.deep.equal(['second']);
  });

  it('gets twice the time when the same upload has stalled on it before', () => {
    for (const [stalls, seconds] of [
      [1, 262],
      [2, 524],
    ] as const) {
      const { clock, stalled, open } = makeLine();
      open('a', 4 * MIB, { stalls }).sent(4 * MIB);
      clock.advance((seconds - 2) * SECOND);
      expect(stalled).to.deep.equal([]);
      clock.advance(5 * SECOND);
      expect(stalled).to.deep.equal(['a']);
    }
  });

  it('whose progress is hidden by a service worker is given time by its bytes', () => {
    const { clock, stalled, open } = makeLine();
    open('a', 4 * MIB, { isHidden: true });
    clock.advance(2 * MINUTE);
    expect(stalled).to.deep.equal([]);
    clock.advance(MINUTE);
    expect(stalled).to.deep.equal(['a']);
  });

  it('on which others move lets a request wait for its turn, but a dead connection is noticed all the same', () => {
    const { clock, stalled, open } = makeLine();
    const busy = open('busy', 64 * MIB);
    const starved = open('starved', MIB);
    starved.sent(1000);
    for (let seconds = 0; seconds < 60; seconds += 10) {
      clock.advance(10 * SECOND);
      busy.sent(seconds * MIB + 1);
    }
    expect(stalled).to.deep.equal([]);
    for (let step = 1; step < 300; step += 1) {
      clock.advance(20 * SECOND);
      busy.sent(50 * MIB + step * 1000);
    }
    expect(stalled).to.deep.equal(['starved']);
  });

  it('does not count time in which the page was frozen', () => {
    const { clock, stalled, open } = makeLine();
    open('a', 4 * MIB).sent(1000);
    clock.advance(10 * SECOND);
    clock.freeze(8 * 60 * MINUTE);
    expect(stalled).to.deep.equal([]);
    clock.advance(31 * SECOND);
    expect(stalled).to.deep.equal(['a']);
  });

  it('leaves no timer behind', () => {
    const { clock, open } = makeLine();
    open('a', MIB).end(false);
    expect(clock.pending).to.equal(0);
  });
});
