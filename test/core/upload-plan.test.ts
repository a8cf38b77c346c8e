import { describe, expect, it } from '../support/suite.js';
import { isSentAsForm, partsAtOnce, partSizeOf, smallerPartSize } from '../../src/core/transport/upload-plan.js';

const MIB = 1024 * 1024;

describe('the plan of an upload', () => {
  it('is one form for a small file, and for a middling one that takes a few seconds', () => {
    expect(isSentAsForm(4 * MIB, undefined)).to.equal(true);
    expect(isSentAsForm(4 * MIB + 1, undefined)).to.equal(false);
    expect(isSentAsForm(32 * MIB, 8.01 * MIB)).to.equal(true);
    expect(isSentAsForm(32 * MIB, 7.99 * MIB)).to.equal(false);
    expect(isSentAsForm(32 * MIB + 1, 1000 * MIB)).to.equal(false);
  });

  it('has parts by the file’s size alone, of whole blocks', () => {
    expect(partSizeOf(5 * MIB)).to.equal(4 * MIB);
    expect(partSizeOf(256 * MIB - 1)).to.equal(4 * MIB);
    expect(partSizeOf(256 * MIB)).to.equal(16 * MIB);
  });

  it('has as many parts in flight as the line is of use for, and never more than requests', () => {
    expect(partsAtOnce(4 * MIB, undefined, 6)).to.equal(3);
    expect(partsAtOnce(16 * MIB, undefined, 6)).to.equal(2);
    expect(partsAtOnce(16 * MIB, 100 * MIB, 6)).to.equal(6);
    expect(partsAtOnce(4 * MIB, 10 * MIB, 2)).to.equal(2);
    expect(partsAtOnce(16 * MIB, 10 * MIB, 1)).to.equal(1);
  });

  it('never has more parts than Kodo takes, 10,000, however large the file is (F17)', () => {
    const GIB = 1024 * MIB;
    for (const size of [156 * GIB, 157 * GIB, 170 * GIB, 1024 * GIB, 48 * 1024 * GIB]) {
      const part = partSizeOf(size);
      expect(part % MIB, 'whole MiB').to.equal(0);
      expect(Math.ceil(size / part)).to.be.at.most(10_000);
      expect(part).to.be.at.most(5 * GIB);
    }
    expect(partSizeOf(156 * GIB)).to.equal(16 * MIB);
    expect(partSizeOf(170 * GIB)).to.equal(18 * MIB);
  });

  it('has smaller parts after a stall, down to Kodo’s 1 MiB, as far as 10,000 of them allow (F1)', () => {
    expect(smallerPartSize(12 * MIB, undefined), 'after one request').to.equal(4 * MIB);
    expect(smallerPartSize(12 * MIB, 4 * MIB)).to.equal(MIB);
    expect(smallerPartSize(12 * MIB, MIB)).to.equal(undefined);
    expect(smallerPartSize(300 * MIB, 16 * MIB)).to.equal(4 * MIB);
    expect(smallerPartSize(200 * 1024 * MIB, 21 * MIB)).to.equal(undefined);
    expect(smallerPartSize(4 * MIB, undefined), 'which goes in one request always').to.equal(undefined);
  });
});
