import { describe, expect, it } from '../support/suite.js';
import { isSentAsForm, partsAtOnce, partSizeOf } from '../../src/core/upload-plan.js';

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
});
