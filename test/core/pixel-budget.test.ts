import { MOST_PIXELS } from '../../src/core/files/images/image-header.js';
import { withPixels } from '../../src/core/files/images/pixel-budget.js';
import { describe, expect, it } from '../support/suite.js';

/** Work that ends when it is told to. */
function work(pixels: number): {
  readonly begun: () => boolean;
  readonly end: (error?: Error) => void;
  readonly over: Promise<void>;
} {
  let isBegun = false;
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  const over = withPixels(pixels, () => {
    isBegun = true;
    return ended;
  });
  return { begun: () => isBegun, end, over };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('pictures that are decoded at once (F18)', () => {
  it('never have more pixels together than one may have', async () => {
    const [a, b, c, d] = [0.4, 0.5, 0.4, 0.1].map((share) => work(share * MOST_PIXELS));
    await turn();
    expect([a, b, c, d].map((one) => one?.begun())).to.deep.equal([true, true, false, true]);
    a?.end();
    await a?.over;
    await turn();
    expect(c?.begun()).to.equal(true);
    for (const one of [b, c, d]) one?.end();
    await Promise.all([b?.over, c?.over, d?.over]);
  });

  it('give their room back when decoding fails, and what needs more than there is goes alone', async () => {
    const [small, large] = [work(1), work(3 * MOST_PIXELS)];
    await turn();
    expect([small.begun(), large.begun()]).to.deep.equal([true, false]);
    small.end(new Error('It is damaged.'));
    await small.over.catch((error: unknown) => expect(error).to.be.instanceOf(Error));
    await turn();
    expect(large.begun()).to.equal(true);
    const next = work(1);
    await turn();
    expect(next.begun()).to.equal(false);
    large.end();
    await turn();
    expect(next.begun()).to.equal(true);
    next.end();
    await Promise.all([large.over, next.over]);
  });
});
