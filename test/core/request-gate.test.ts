import { describe, expect, it } from '../support/suite.js';
import { RequestGate, type ReleaseRequest } from '../../src/core.js';

const never = new AbortController().signal;

describe('the request gate', () => {
  it('lets through as many as its limit, then one for each that ends, first come first served', async () => {
    const gate = new RequestGate(2);
    const order: number[] = [];
    const releases: ReleaseRequest[] = [];
    const requests = [0, 1, 2, 3].map(async (number) => {
      releases[number] = await gate.acquire(never);
      order.push(number);
    });
    await Promise.all(requests.slice(0, 2));
    expect(gate.open).to.equal(2);
    releases[1]?.();
    releases[1]?.(); // twice is as good as once
    await requests[2];
    expect(gate.open).to.equal(2);
    releases[0]?.();
    await requests[3];
    expect(order).to.deep.equal([0, 1, 2, 3]);
  });

  it('forgets who gives up waiting', async () => {
    const gate = new RequestGate(1);
    const release = await gate.acquire(never);
    const controller = new AbortController();
    const given = gate.acquire(controller.signal).then(
      () => 'through',
      (error: unknown) => error,
    );
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await given).to.equal(reason);
    release();
    expect(gate.open).to.equal(0);
  });

  it('lets more through when its limit is raised, and ends nothing when it is lowered', async () => {
    const gate = new RequestGate(1);
    await gate.acquire(never);
    const second = gate.acquire(never);
    gate.limit = 2;
    const release = await second;
    gate.limit = 1;
    expect(gate.open).to.equal(2);
    release();
    expect(gate.open).to.equal(1);
  });

  it('stands inside another gate, which several share', async () => {
    const page = new RequestGate(2);
    const [one, other] = [new RequestGate(2, page), new RequestGate(2, page)];
    const releases = [await one.acquire(never), await one.acquire(never)];
    const waiting = other.acquire(never);
    const controller = new AbortController();
    const given = other.acquire(controller.signal).catch(() => 'given up');
    controller.abort();
    expect(await given).to.equal('given up');
    expect([page.open, other.open]).to.deep.equal([2, 1]);
    releases[0]?.();
    (await waiting)();
    releases[1]?.();
    expect([page.open, one.open, other.open]).to.deep.equal([0, 0, 0]);
  });
});
