import { describe, expect, it } from '../support/suite.js';
import type { UploadProgress } from '../../src/core.js';
import { onNextFrame } from '../../src/core/shared/frame.js';
import { ProgressMeter } from '../../src/core/upload/progress-meter.js';

function meterOf(size: number): { meter: ProgressMeter; reports: UploadProgress[]; pass: (ms: number) => void } {
  const reports: UploadProgress[] = [];
  let now = 0;
  const meter = new ProgressMeter(
    size,
    (progress) => reports.push(progress),
    () => now,
  );
  return { meter, reports, pass: (milliseconds) => (now += milliseconds) };
}

const frame = (): Promise<void> => new Promise((resolve) => onNextFrame(resolve));

describe('progress', () => {
  it('never falls, never exceeds the file, never says 100 %', () => {
    const { meter } = meterOf(1000);
    meter.begin(0);
    meter.update(600);
    meter.update(200);
    meter.update(NaN);
    expect(meter.progress).to.include({ sentBytes: 600, percent: 60 });
    meter.update(5000);
    expect(meter.progress).to.include({ sentBytes: 1000, percent: 99 });
  });

  it('is told once a frame, however many events come', async () => {
    const { meter, reports } = meterOf(1000);
    meter.begin(0);
    for (let bytes = 1; bytes <= 500; bytes += 1) meter.update(bytes);
    await frame();
    await frame();
    expect(reports.map(({ sentBytes }) => sentBytes)).to.deep.equal([500]);
  });

  it('is not told after the end', async () => {
    const { meter, reports } = meterOf(1000);
    meter.begin(0);
    meter.update(10);
    meter.end();
    await frame();
    await frame();
    expect(reports).to.deep.equal([]);
  });

  it('stands where it was when another attempt begins lower', () => {
    const { meter } = meterOf(1000);
    meter.begin(0);
    meter.update(700);
    meter.end();
    meter.begin(400);
    meter.update(450);
    expect(meter.progress).to.include({ sentBytes: 700, storedBytes: 400 });
    meter.update(800);
    expect(meter.progress.sentBytes).to.equal(800);
  });

  it('names speed and time left, not counting what was stored before', () => {
    const { meter, pass } = meterOf(10_000);
    meter.begin(5000);
    for (let bytes = 5100; bytes <= 6000; bytes += 100) {
      pass(100);
      meter.update(bytes);
    }
    expect(meter.progress.speed).to.equal(1000);
    expect(meter.progress.secondsLeft).to.equal(4);
  });

  it('of an empty file is 0', () => {
    expect(meterOf(0).meter.progress).to.include({ sentBytes: 0, percent: 0 });
  });
});
