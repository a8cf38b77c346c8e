import { describe, expect, it } from '../support/suite.js';
import { UploadError } from '../../src/core.js';
import { makeFile } from '../support/files.js';
import { addOne, makeQueue, nextEvent } from '../support/queue-harness.js';
import { untilStatus } from '../support/until.js';

const MIB = 1024 * 1024;

/** A file that has gone from disk since it was chosen. */
class LostFile extends File {
  override slice(): Blob {
    return { arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) } as unknown as Blob;
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new DOMException('gone', 'NotReadableError'));
  }
}

describe('an error that nothing has foreseen (1.2)', () => {
  it('compress, of a file that can no longer be read: the upload itself fails, and can be retried', async () => {
    const { queue, transport } = makeQueue({ compress: { maxWidth: 10 } });
    const id = addOne(queue, new LostFile(['x'], 'lost.png', { type: 'image/png' }));
    (await transport.nextUpload()).fail(new UploadError('file-unreadable', 'gone'));
    expect(['file-unreadable', 'file-changed']).to.include((await untilStatus(queue, id, 'failed')).error.code);
    queue.retry(id);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('with resume, where there is no navigator (Node) and no storage: the upload runs', async () => {
    const { queue, transport } = makeQueue({ resume: true });
    const id = addOne(queue, makeFile('large.bin', 9 * MIB));
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('of the transport itself: the upload fails, others run', async () => {
    const { queue, transport } = makeQueue({ retries: 0 });
    const [id, other] = [addOne(queue), addOne(queue)];
    (await transport.nextUpload()).fail(new TypeError('a defect') as unknown as UploadError);
    expect((await untilStatus(queue, id, 'failed')).error.code).to.equal('unknown');
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, other, 'done');
    queue.retry(id);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('a token for another upload in the middle of a renewal ends in a state, not in silence', async () => {
    let calls = 0;
    const { queue, transport } = makeQueue({
      tokenProvider: ({ id }) => {
        calls += 1;
        // The business server has lost the upload that it is asked to renew.
        if (id !== undefined && calls < 4) throw new UploadError('upload-unknown', 'gone', { status: 404 });
        return {
          token: 'ak:c2lnbg==:eyJzY29wZSI6ImRlbW8iLCJkZWFkbGluZSI6NDEwMjQ0NDgwMH0=',
          key: 'k',
          id: `id-${calls}`,
        };
      },
    });
    const id = addOne(queue);
    (await transport.nextUpload()).fail(new UploadError('token-expired', 'late', { status: 401 }));
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('uploads-complete comes also when every file ended so', async () => {
    const { queue, transport } = makeQueue({ retries: 0 });
    addOne(queue);
    (await transport.nextUpload()).fail(new TypeError('a defect') as unknown as UploadError);
    const { items } = (await nextEvent(queue, 'uploads-complete')).detail;
    expect(items.map(({ status }) => status)).to.deep.equal(['failed']);
  });
});
