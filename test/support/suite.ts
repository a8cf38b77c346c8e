/** A test API that works in the browser (mocha) and in Node (`node:test`). */
import type { AsyncFunc, Func } from 'mocha';
export { expect } from 'chai';

interface Suite {
  describe(name: string, define: () => void): void;
  it(name: string, test: Func | AsyncFunc): void;
  beforeEach(act: Func | AsyncFunc): void;
  afterEach(act: Func | AsyncFunc): void;
}

const isNode = typeof process !== 'undefined';
const nodeTest = 'node:test'; // in a variable, so that bundlers do not resolve it
const suite = (isNode ? await import(nodeTest) : globalThis) as Suite;

export const { describe, it, beforeEach, afterEach } = suite;
