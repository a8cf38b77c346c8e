import { describe, expect, it } from '../support/suite.js';
import { UploadError, type QueueHold, type TokenProvider } from '../../src/core.js';
import { makeToken } from '../support/fake-transport.js';
import { makeFile } from '../support/files.js';
import { addOne, makeQueue, nextEvent, untilTick } from '../support/queue-harness.js';
import { untilStatus } from '../support/until.js';

/** A token provider that counts its calls; `answer` may be replaced. */
function makeProvider(answer: () => unknown): { calls: number; answer: () => unknown; readonly ask: TokenProvider } {
  const provider = {
    calls: 0,
    answer,
    ask: (() => {
      provider.calls += 1;
      return provider.answer();
    }) as TokenProvider,
  };
  return provider;
}

function refuse(status: number, details: object = {}): () => never {
  return () => {
    throw new UploadError(status === 404 ? 'token-denied' : 'token-refused', `It answered ${status}.`, {
      status,
      ...details,
    });
  };
}

const limit = (milliseconds?: number): UploadError =>
  new UploadError('rate-limited', 'It answered 429.', { status: 429, retryAfter: milliseconds });

describe('a token route that refuses everybody (F5)', () => {
  for (const status of [401, 403, 404]) {
    it(`${status}: a thousand files make three requests, and the rest wait`, async () => {
      const provider = makeProvider(refuse(status));
      const { queue, transport, events } = makeQueue({ tokenProvider: provider.ask });
      const held = nextEvent(queue, 'queue-hold');
      queue.add(Array.from({ length: 1000 }, (_, index) => makeFile(`${index}`)));
      const { hold } = (await held).detail;
      await untilTick();
      expect(hold).to.include({ reason: 'refused', until: undefined });
      expect(hold.error.status).to.equal(status);
      expect(queue.hold).to.equal(hold);
      expect(provider.calls).to.equal(3);
      expect(queue.counts.failed).to.equal(3);
      expect(queue.counts.queued + queue.counts.waiting).to.equal(997);
      expect(transport.uploads).to.have.length(0);
      expect(events.filter((name) => name === 'queue-hold')).to.have.length(1);
    });
  }

  it('one try is made after release(): refused again, all wait again; accepted, all go', async () => {
    const provider = makeProvider(refuse(401));
    const { queue, transport, events } = makeQueue({ tokenProvider: provider.ask });
    const held = nextEvent(queue, 'queue-hold');
    queue.add(Array.from({ length: 20 }, (_, index) => makeFile(`${index}`)));
    await held;
    const again = nextEvent(queue, 'queue-hold');
    queue.release();
    await again;
    expect(provider.calls).to.equal(4);
    provider.answer = () => makeToken();
    const released = nextEvent(queue, 'queue-release');
    queue.release();
    await released;
    for (let index = 0; index < 16; index += 1) (await transport.nextUpload()).succeed({});
    await nextEvent(queue, 'uploads-complete');
    expect(queue.counts).to.include({ done: 16, failed: 4 });
    expect(queue.hold).to.equal(undefined);
    expect(events.filter((name) => name === 'queue-release')).to.have.length(2);
  });

  it('retryAll() ends the hold and starts the failed files again', async () => {
    const provider = makeProvider(refuse(403));
    const { queue, transport } = makeQueue({ tokenProvider: provider.ask });
    const held = nextEvent(queue, 'queue-hold');
    const items = queue.add(Array.from({ length: 5 }, (_, index) => makeFile(`${index}`)));
    await held;
    await untilTick(); // the third file fails right after
    provider.answer = () => makeToken();
    queue.retryAll();
    for (let index = 0; index < 5; index += 1) (await transport.nextUpload()).succeed({});
    for (const { id } of items) await untilStatus(queue, id, 'done');
  });

  it('tokens from elsewhere end it: what an earlier route refused says nothing about them', async () => {
    const { queue, transport } = makeQueue({ tokenProvider: makeProvider(refuse(404)).ask });
    const held = nextEvent(queue, 'queue-hold');
    queue.add(Array.from({ length: 5 }, (_, index) => makeFile(`${index}`)));
    await held;
    queue.configure({ tokenProvider: () => makeToken() });
    expect(queue.hold).to.equal(undefined);
    (await transport.nextUpload()).succeed({});
    (await transport.nextUpload()).succeed({});
  });

  it('an error of a single file does not hold the queue', async () => {
    const provider = makeProvider(() => {
      throw new UploadError('too-large', 'It answered 413.', { status: 413 });
    });
    const { queue } = makeQueue({ tokenProvider: provider.ask });
    queue.add(Array.from({ length: 10 }, (_, index) => makeFile(`${index}`)));
    await nextEvent(queue, 'uploads-complete');
    expect(queue.counts.failed).to.equal(10);
    expect(queue.hold).to.equal(undefined);
  });

  it('different refusals, or an accepted request in between, do not hold the queue', async () => {
    const answers = [refuse(401), refuse(403), refuse(401), () => makeToken(), refuse(401), refuse(401)];
    const { queue, transport } = makeQueue({ tokenProvider: makeProvider(() => answers.shift()?.()).ask });
    queue.add(Array.from({ length: 6 }, (_, index) => makeFile(`${index}`)));
    (await transport.nextUpload()).succeed({});
    await nextEvent(queue, 'uploads-complete');
    expect(queue.hold).to.equal(undefined);
    expect(queue.counts).to.include({ failed: 5, done: 1 });
  });

  it('a provider that throws what axios throws is understood by its status', async () => {
    const axiosError = Object.assign(new Error('Request failed with status code 401'), {
      response: { status: 401, data: { message: '请登录' }, headers: {} },
    });
    const { queue } = makeQueue({
      tokenProvider: () => {
        throw axiosError;
      },
    });
    const { error } = await untilStatus(queue, addOne(queue), 'failed');
    expect(error).to.include({ code: 'token-refused', status: 401, serverMessage: '请登录', retryable: true });
  });

  it('three uploads that gave up on an unreachable route hold the others', async () => {
    const { queue } = makeQueue({
      retries: 0,
      tokenProvider: () => Promise.reject(new TypeError('Failed to fetch')),
    });
    const held = nextEvent(queue, 'queue-hold');
    queue.add(Array.from({ length: 50 }, (_, index) => makeFile(`${index}`)));
    expect((await held).detail.hold.error.code).to.equal('token-unreachable');
    expect(queue.counts.queued).to.be.above(30);
  });
});

describe('a server that limits the rate (F5)', () => {
  it('of tokens: all wait as long as it asks, and the wait uses up no retry', async () => {
    let isLimited = true;
    const provider = makeProvider(() => {
      if (isLimited) throw limit(1500);
      return makeToken();
    });
    const { queue, transport } = makeQueue({ tokenProvider: provider.ask, retries: 0 });
    const begun = Date.now();
    const held = nextEvent(queue, 'queue-hold');
    const items = queue.add(Array.from({ length: 60 }, (_, index) => makeFile(`${index}`)));
    const { hold } = (await held).detail;
    expect(hold.reason).to.equal('rate-limited');
    expect((hold.until ?? 0) - begun).to.be.at.least(1500);
    await untilTick();
    const callsWhileHeld = provider.calls;
    expect(callsWhileHeld).to.be.below(10);
    isLimited = false;
    await nextEvent(queue, 'queue-release');
    expect(provider.calls).to.equal(callsWhileHeld);
    for (const item of items) {
      void item;
      (await transport.nextUpload()).succeed({});
    }
    await nextEvent(queue, 'uploads-complete');
    expect(queue.counts.done).to.equal(60);
  });

  it('without saying for how long: the wait grows', async () => {
    const { queue } = makeQueue({
      tokenProvider: () => {
        throw limit();
      },
    });
    const holds: QueueHold[] = [];
    const untils = new Promise<void>((resolve) => {
      queue.addEventListener('queue-hold', ({ detail: { hold } }) => {
        holds.push(hold);
        if (holds.length === 3) resolve();
        else queue.release();
      });
    });
    const waits: number[] = [];
    queue.addEventListener('queue-hold', ({ detail: { hold } }) => waits.push((hold.until ?? 0) - Date.now()));
    addOne(queue);
    await untils;
    expect(waits[0]).to.be.within(900, 2000);
    expect(waits[2]).to.be.within(3900, 8000);
  });

  it('of Kodo: the upload that met it waits and continues, others do not start, no retry is used up', async () => {
    const { queue, transport, events } = makeQueue({ concurrency: 1, retries: 0 });
    const [first, second] = [addOne(queue), addOne(queue)];
    (await transport.nextUpload()).fail(
      new UploadError('server-error', '503', { status: 503, retryAfter: 300, host: 'https://up.example' }),
    );
    const { reason } = await untilStatus(queue, first, 'waiting');
    expect(reason.code).to.equal('hold');
    expect(queue.get(second)?.status).to.equal('queued');
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, first, 'done');
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, second, 'done');
    expect(events).to.include('queue-release');
  });

  it('of the confirm route: it is asked again after the wait, and nothing is sent again', async () => {
    let asked = 0;
    const { queue, transport } = makeQueue({
      retries: 0,
      confirmProvider: () => {
        asked += 1;
        return asked < 4 ? Promise.reject(limit(200)) : Promise.resolve({ ok: true });
      },
    });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    expect((await untilStatus(queue, id, 'done')).result.source).to.equal('confirm');
    expect(asked).to.equal(4);
    expect(transport.uploads).to.have.length(1);
  });

  it('an upload can be cancelled, paused and removed while it waits', async () => {
    const { queue } = makeQueue({
      tokenProvider: () => {
        throw limit(60_000);
      },
    });
    const ids = [addOne(queue), addOne(queue), addOne(queue)] as const;
    await nextEvent(queue, 'queue-hold');
    queue.cancel(ids[0]);
    queue.pause(ids[1]);
    queue.removeFile(ids[2]);
    expect(queue.items.map(({ status }) => status)).to.deep.equal(['cancelled', 'paused']);
    queue.clear();
    expect(queue.size).to.equal(0);
  });
});
