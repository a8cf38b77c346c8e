import { describe, expect, it } from '../support/suite.js';
import { findRejectReason, isAccepted } from '../../src/core/files/rules.js';

const file = (name: string, type = '', size = 10) => ({ name, type, size });

describe('accept', () => {
  const cases: readonly [string, ReturnType<typeof file>, boolean][] = [
    ['', file('a.exe'), true],
    [' , ', file('a.exe'), true],
    ['image/*', file('a.png', 'image/png'), true],
    ['image/*', file('a.pdf', 'application/pdf'), false],
    ['image/*', file('a.heic'), true],
    ['image/*', file('imagepng', 'imagex/png'), false],
    ['.PDF', file('a.pdf'), true],
    ['.pdf', file('apdf'), false],
    ['.tar.gz', file('a.tar.gz'), true],
    ['image/png, .txt', file('a.txt', 'text/plain'), true],
    ['text/plain', file('a.txt', 'text/plain;charset=utf-8'), true],
    ['*/*', file('a'), true],
    ['video/*', file('a.mkv'), true],
  ];
  for (const [accept, given, expected] of cases) {
    it(`"${accept}" ${expected ? 'takes' : 'refuses'} ${given.name} (${given.type || 'no type'})`, () => {
      expect(isAccepted(given, accept)).to.equal(expected);
    });
  }
});

describe('the first rule that a file breaks', () => {
  it('is named with what would be allowed', () => {
    const big = file('a.png', 'image/png', 11);
    expect(findRejectReason(big, { maxSize: 10 }, { count: 0, bytes: 90 })).to.deep.equal({
      code: 'file-too-large',
      maxSize: 10,
    });
    expect(findRejectReason(big, { maxSize: 11 }, { count: 0, bytes: 90 })).to.equal(undefined);
    expect(findRejectReason(big, { maxFiles: 2 }, { count: 2, bytes: 90 })).to.deep.equal({
      code: 'too-many-files',
      maxFiles: 2,
    });
    expect(findRejectReason(big, { accept: '.pdf', maxSize: 1 }, { count: 9, bytes: 90 })).to.deep.equal({
      code: 'type-not-accepted',
      accept: '.pdf',
    });
    expect(findRejectReason(big, {}, { count: 1e6, bytes: 90 })).to.equal(undefined);
    expect(findRejectReason(big, { minSize: 12 }, { count: 0, bytes: 0 })).to.deep.equal({
      code: 'file-too-small',
      minSize: 12,
    });
    expect(findRejectReason(big, { minSize: 11 }, { count: 0, bytes: 0 })).to.equal(undefined);
    expect(findRejectReason(big, { maxTotalSize: 100 }, { count: 0, bytes: 90 })).to.deep.equal({
      code: 'total-too-large',
      maxTotalSize: 100,
    });
    expect(findRejectReason(big, { maxTotalSize: 101 }, { count: 0, bytes: 90 })).to.equal(undefined);
  });
});
