import { describe, expect, it } from '../support/suite.js';
import { UploadError, type BeforeUploadAnswer } from '../../src/core.js';
import { makeToken } from '../support/fake-transport.js';
import { makeFile } from '../support/files.js';
import { addOne, makeQueue, nextEvent, untilTick } from '../support/queue-harness.js';
import { untilStatus } from '../support/until.js';

describe('a command without an id (1.5)', () => {
  for (const name of ['cancel', 'pause', 'resume', 'retry', 'removeFile'] as const) {
    for (const id of [undefined, null, '', 7]) {
      it(`${name}(${JSON.stringify(id) ?? 'undefined'}) is a TypeError, and touches nothing`, async () => {
        const { queue, transport } = makeQueue();
        const running = addOne(queue);
        await transport.nextUpload();
        expect(() => queue[name](id as string)).to.throw(TypeError, /needs the id of an item/);
        expect(queue.get(running)?.status).to.equal('uploading');
      });
    }
  }

  it('all are meant by cancelAll(), pauseAll(), resumeAll(), retryAll()', async () => {
    const { queue, transport } = makeQueue({ retries: 0 });
    const ids = [addOne(queue), addOne(queue)];
    const statuses = (): unknown[] => ids.map((id) => queue.get(id)?.status);
    await transport.nextUpload();
    queue.pauseAll();
    expect(statuses()).to.deep.equal(['paused', 'paused']);
    queue.resumeAll();
    for (let count = 0; count < 2; count += 1) (await transport.nextUpload()).fail(new UploadError('forbidden', 'no'));
    await nextEvent(queue, 'uploads-complete');
    expect(statuses()).to.deep.equal(['failed', 'failed']);
    queue.retryAll();
    await transport.nextUpload();
    queue.cancelAll();
    expect(statuses()).to.deep.equal(['cancelled', 'cancelled']);
  });

  it('the old forms still work, for one version', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue);
    await transport.nextUpload();
    queue.pause();
    expect(queue.get(id)?.status).to.equal('paused');
    queue.remove(id);
    expect(queue.size).to.equal(0);
  });
});

describe('functions of the page that ignore their signal (1.3)', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const cases = [
    ['tokenProvider', { tokenProvider: never }],
    ['validator', { validator: never }],
    ['beforeUpload', { beforeUpload: never }],
  ] as const;
  for (const [name, settings] of cases) {
    it(`${name}: a cancelled file gives its place to the next one`, async () => {
      const { queue, transport } = makeQueue({ ...settings, concurrency: 1 });
      const stuck = addOne(queue);
      await untilTick();
      queue.configure({ validator: undefined, beforeUpload: undefined, tokenProvider: () => makeToken() });
      const next = addOne(queue);
      queue.cancel(stuck);
      (await transport.nextUpload()).succeed({});
      await untilStatus(queue, next, 'done');
    });
  }

  it('confirmProvider: a removed file gives its place to the next one', async () => {
    const { queue, transport } = makeQueue({ confirmProvider: never, concurrency: 1 });
    const stuck = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    const next = addOne(queue);
    upload.fail(new UploadError('callback-failed', '579', { status: 579 }));
    await untilStatus(queue, stuck, 'unconfirmed');
    queue.removeFile(stuck);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, next, 'done');
  });

  it('tokenProvider: it is given up after providerTimeout', async () => {
    const { queue } = makeQueue({ tokenProvider: never, providerTimeout: 50, retries: 0 });
    expect((await untilStatus(queue, addOne(queue), 'failed')).error.code).to.equal('token-timeout');
  });

  it('confirmProvider: it is given up after providerTimeout, and the upload stays unconfirmed', async () => {
    const { queue, transport } = makeQueue({ confirmProvider: never, providerTimeout: 50, retries: 1 });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    expect((await untilStatus(queue, id, 'unconfirmed')).error.code).to.equal('reply-lost');
  });

  for (const name of ['validator', 'beforeUpload'] as const) {
    it(`${name}: the upload fails after hookTimeout, and can be retried`, async () => {
      const { queue, transport } = makeQueue({ [name]: never, hookTimeout: 50 });
      const id = addOne(queue);
      const { error } = await untilStatus(queue, id, 'failed');
      expect(error).to.include({ code: 'hook-timeout', retryable: true });
      queue.configure({ [name]: undefined });
      queue.retry(id);
      (await transport.nextUpload()).succeed({});
      await untilStatus(queue, id, 'done');
    });
  }

  it('a provider that settles long after the cancel disturbs nothing', async () => {
    let reject: (error: Error) => void = () => undefined;
    const { queue, events } = makeQueue({ tokenProvider: () => new Promise((_, fail) => (reject = fail)) });
    const id = addOne(queue);
    await untilStatus(queue, id, 'preparing');
    queue.cancel(id);
    reject(new Error('late'));
    await untilTick();
    expect(queue.get(id)?.status).to.equal('cancelled');
    expect(events).not.to.include('upload-error');
  });
});

describe('what hooks of other libraries answer', () => {
  const cases: readonly [string, unknown, 'uploads' | 'rejects'][] = [
    ['nothing', undefined, 'uploads'],
    ['null', null, 'uploads'],
    ['true', true, 'uploads'],
    ['an empty text', '', 'uploads'],
    ['false', false, 'rejects'],
    ['a text', 'too dark', 'rejects'],
    ['{refuse}', { refuse: 'too dark' }, 'rejects'],
  ];
  for (const hook of ['validator', 'beforeUpload'] as const) {
    for (const [name, answer, outcome] of cases) {
      it(`${hook}: ${name} ${outcome}`, async () => {
        const { queue, transport } = makeQueue({ [hook]: () => answer });
        const id = addOne(queue);
        if (outcome === 'rejects') await untilStatus(queue, id, 'rejected');
        else (await transport.nextUpload()).succeed({});
      });
    }
  }

  it('beforeUpload: a File or a Blob in place of {replace} is uploaded', async () => {
    const { queue, transport } = makeQueue({
      beforeUpload: (() => new Blob(['tiny'], { type: 'image/webp' })) as unknown as () => BeforeUploadAnswer,
    });
    addOne(queue, makeFile('large.png', 5000));
    expect((await transport.nextUpload()).job.file).to.include({ name: 'large.png', size: 4, type: 'image/webp' });
  });

  it('anything else refuses the file with a message for the developer', async () => {
    const { queue } = makeQueue({ beforeUpload: (() => 7) as unknown as () => BeforeUploadAnswer });
    const { reason } = await untilStatus(queue, addOne(queue), 'rejected');
    expect(reason).to.deep.include({ code: 'refused' });
    expect((reason as { message: string }).message).to.contain('beforeUpload must return');
  });
});
