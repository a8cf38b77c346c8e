import { describe, expect, it } from '../support/suite.js';
import { UploadError } from '../../src/core.js';
import { makeToken } from '../support/fake-transport.js';
import { makeFile } from '../support/files.js';
import { addOne, makeQueue, untilTick } from '../support/queue-harness.js';
import { untilStatus } from '../support/until.js';

const MIB = 1024 * 1024;

async function failOne(harness: ReturnType<typeof makeQueue>, file: File): Promise<string> {
  const id = addOne(harness.queue, file);
  (await harness.transport.nextUpload()).fail(new UploadError('forbidden', 'no'));
  await untilStatus(harness.queue, id, 'failed');
  return id;
}

describe('a file that has failed (F11)', () => {
  it('can be chosen again: its new row takes the old one’s place, and continues from its parts', async () => {
    const harness = makeQueue();
    const { queue, transport, events } = harness;
    const file = makeFile('again.bin', 20 * MIB);
    const id = addOne(queue, file);
    const first = await transport.nextUpload();
    const stored = { uploadId: 'u1', partSize: 4 * MIB, parts: [{ etag: 'e', md5: 'm', size: 4 * MIB }] };
    first.stored(stored);
    first.fail(new UploadError('forbidden', 'no'));
    await untilStatus(queue, id, 'failed');
    const again = addOne(queue, file);
    expect(queue.items.map((item) => item.id)).to.deep.equal([again]);
    expect(events).to.include('file-remove').and.not.to.include('file-reject');
    const second = await transport.nextUpload();
    expect(second.job.stored).to.deep.equal(stored);
    expect(transport.abandoned).to.deep.equal([]);
    second.succeed({});
    await untilStatus(queue, again, 'done');
  });

  it('takes none of max-files and max-total-size', async () => {
    const harness = makeQueue({ rules: { maxFiles: 1, maxTotalSize: 15 } });
    await failOne(harness, makeFile('a', 10));
    const id = addOne(harness.queue, makeFile('b', 10));
    expect(harness.queue.get(id)?.status).not.to.equal('rejected');
  });

  it('is rejected when it is retried and another one has taken its place', async () => {
    const harness = makeQueue({ rules: { maxFiles: 1 } });
    const failed = await failOne(harness, makeFile('a'));
    addOne(harness.queue, makeFile('b'));
    harness.queue.retry(failed);
    expect(harness.queue.get(failed)).to.deep.include({
      status: 'rejected',
      reason: { code: 'too-many-files', maxFiles: 1 },
    });
  });

  it('a cancelled or rejected one, chosen again, replaces its earlier row too', async () => {
    const { queue } = makeQueue({ rules: { maxSize: 10 } });
    const [cancelled, rejected] = [makeFile('a', 5), makeFile('b', 50)];
    queue.cancel(addOne(queue, cancelled));
    addOne(queue, rejected);
    queue.add([cancelled, rejected]);
    expect(queue.items.map(({ name, status }) => `${name} ${status}`).sort()).to.deep.equal(['a queued', 'b rejected']);
    await untilTick();
  });
});

describe('what signing in again or a moment’s wait heals (F11)', () => {
  for (const [status, code, again] of [
    [401, 'token-refused', 'by hand'],
    [403, 'token-refused', 'by hand'],
    [419, 'token-refused', 'by hand'],
    [440, 'token-refused', 'by hand'],
    [408, 'token-server-error', 'by itself'],
    [421, 'token-server-error', 'by itself'],
    [423, 'token-server-error', 'by itself'],
    [425, 'token-server-error', 'by itself'],
    [500, 'token-server-error', 'by itself'],
    [503, 'token-server-error', 'by itself'],
  ] as const) {
    it(`${status} of the token route is ${code}, and is tried again ${again}`, async () => {
      let isHealed = false;
      const { queue, transport } = makeQueue({
        tokenProvider: () => {
          if (!isHealed) throw Object.assign(new Error('no'), { status });
          return makeToken();
        },
      });
      const id = addOne(queue);
      if (again === 'by hand') {
        const { error } = await untilStatus(queue, id, 'failed');
        expect(error).to.include({ code, retryable: true });
        isHealed = true;
        queue.retry(id);
      } else {
        const { reason } = await untilStatus(queue, id, 'waiting');
        expect(reason.code === 'back-off' && reason.error.code).to.equal(code);
        isHealed = true;
      }
      (await transport.nextUpload()).succeed({});
      await untilStatus(queue, id, 'done');
    });
  }
});

describe('an answer of the token route', () => {
  for (const [name, answer] of [
    ['with uptoken', { uptoken: makeToken(), key: 'k' }],
    ['with upToken', { upToken: makeToken(), key: 'k' }],
    ['wrapped in data', { code: 0, message: 'ok', data: { token: makeToken(), key: 'k' } }],
    ['wrapped in data, as uptoken', { code: 200, data: { uptoken: makeToken(), key: 'k' } }],
  ] as const) {
    it(`${name} is understood`, async () => {
      const { queue, transport } = makeQueue({ tokenProvider: () => answer as never });
      addOne(queue);
      expect((await transport.nextUpload()).job.key).to.equal('k');
    });
  }
});
